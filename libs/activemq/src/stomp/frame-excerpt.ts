const LONGEST = 40;

/** A peer's text, at most 40 characters of it and with its control characters escaped, fit for an error or a log. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);
}
