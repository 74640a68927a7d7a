/** A handler's result as the store keeps it, or why it is not kept. */
export type EncodedResult = { readonly text: string } | { readonly unfit: string } | undefined;

/**
 * Writes a handler's result for the store: JSON, or base64 of bytes, with a letter in front that tells which.
 *
 * @param limit bytes at most
 * @returns `undefined` when there is no result
 */
export function encodeResult(result: unknown, limit: number): EncodedResult {
  if (result === undefined) return undefined;
  try {
    const text = result instanceof Uint8Array ? `b${Buffer.from(result).toString('base64')}` : jsonOf(result);
    if (text === undefined) return { unfit: 'it is no JSON' };
    return Buffer.byteLength(text) > limit ? { unfit: `it has more than ${limit} bytes` } : { text };
  } catch {
    return { unfit: 'it is no JSON' };
  }
}

/** Reads what {@link encodeResult} wrote; `undefined` for what it cannot have written. */
export function decodeResult(text: string | undefined): { readonly value: unknown } | undefined {
  if (text === undefined) return undefined;
  if (text.startsWith('b')) return { value: Buffer.from(text.slice(1), 'base64') };
  if (!text.startsWith('j')) return undefined;
  try {
    return { value: JSON.parse(text.slice(1)) as unknown };
  } catch {
    return undefined;
  }
}

function jsonOf(result: unknown): string | undefined {
  // Functions and symbols give undefined, whatever the declaration says.
  const json = JSON.stringify(result) as string | undefined;
  return json === undefined ? undefined : `j${json}`;
}
