const LONGEST = 1_000;

/** Class and message of an error in one bounded line, safe for a log. */
export function toErrorText(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  // eslint-disable-next-line no-control-regex -- line breaks and terminal codes of hostile messages shall not reach the log
  return text.slice(0, LONGEST).replace(/[\0-\x1f\x7f]+/g, ' ');
}
