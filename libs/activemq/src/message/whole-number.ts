/** A whole number from 0 that a header tells; `undefined` for anything else: headers are hostile input. */
export function readWholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
