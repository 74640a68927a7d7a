/**
 * The headers of one frame: names and values decoded, the first of a repeated header wins (STOMP 1.2).
 *
 * The object has no prototype, so that a header named `__proto__` or `hasOwnProperty` is a header like any other.
 */
export type StompHeaders = Readonly<Record<string, string>>;

/** One STOMP frame as it stands on the wire, decoded; `body` holds its raw bytes. */
export interface StompFrame {
  readonly command: string;
  readonly headers: StompHeaders;
  readonly body: Buffer;
}

/** The body of a frame that has none. */
export const EMPTY_BODY: Buffer = Buffer.alloc(0);

/** Copies header entries into an object without a prototype; entries that are `undefined` are left out. */
export function stompHeaders(entries: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const headers = Object.create(null) as Record<string, string>;
  for (const name of Object.keys(entries)) {
    const value = entries[name];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
