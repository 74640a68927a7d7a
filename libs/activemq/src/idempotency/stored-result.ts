import { JmsResponse } from '../message/jms-response.js';
import type { SendOptions } from '../message/outgoing-message.js';

/** A handler's result as the store keeps it, or why it is not kept. */
export type EncodedResult = { readonly text: string } | { readonly unfit: string } | undefined;

/** How a {@link JmsResponse} is written: its payload as any other result, and where it goes. */
interface StoredResponse {
  readonly payload?: string;
  readonly destination?: string;
  readonly options: SendOptions;
}

/**
 * Writes a handler's result for the store: JSON, base64 of bytes, or a {@link JmsResponse} of either, with a letter in front that tells which.
 *
 * @param limit bytes at most
 * @returns `undefined` when there is no result
 */
export function encodeResult(result: unknown, limit: number): EncodedResult {
  if (result === undefined) return undefined;
  try {
    const text = textOf(result);
    if (text === undefined) return { unfit: 'it is no JSON' };
    return Buffer.byteLength(text) > limit ? { unfit: `it has more than ${limit} bytes` } : { text };
  } catch {
    return { unfit: 'it is no JSON' };
  }
}

/** Reads what {@link encodeResult} wrote; `undefined` for what it cannot have written. */
export function decodeResult(text: string | undefined): { readonly value: unknown } | undefined {
  if (text === undefined) return undefined;
  try {
    return read(text);
  } catch {
    return undefined;
  }
}

function textOf(result: unknown): string | undefined {
  if (result instanceof Uint8Array) return `b${Buffer.from(result).toString('base64')}`;
  if (result instanceof JmsResponse) {
    const { payload, destination, options } = result as JmsResponse;
    const inner = textOf(payload);
    if (inner === undefined && payload !== undefined) return undefined;
    return `r${JSON.stringify({ payload: inner, destination, options } satisfies StoredResponse)}`;
  }
  // Functions and symbols give undefined, whatever the declaration says.
  const json = JSON.stringify(result) as string | undefined;
  return json === undefined ? undefined : `j${json}`;
}

function read(text: string): { readonly value: unknown } | undefined {
  const rest = text.slice(1);
  if (text.startsWith('b')) return { value: Buffer.from(rest, 'base64') };
  if (text.startsWith('j')) return { value: JSON.parse(rest) as unknown };
  if (!text.startsWith('r')) return undefined;
  const { payload, destination, options } = JSON.parse(rest) as StoredResponse;
  const value = decodeResult(payload)?.value;
  return { value: destination === undefined ? JmsResponse.of(value, options) : JmsResponse.forDestination(value, destination, options) };
}
