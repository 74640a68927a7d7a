/** Reads a number from the command line; an error says what it may be. */
export function positiveInteger(name: string, text: string): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (number >= 1) return number;
  throw new Error(`${name} is ${JSON.stringify(text)}; it must be a whole number from 1`);
}
