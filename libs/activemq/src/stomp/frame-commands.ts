const COMMANDS = [
  'CONNECTED',
  'MESSAGE',
  'RECEIPT',
  'ERROR',
  'CONNECT',
  'STOMP',
  'SEND',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'ACK',
  'NACK',
  'BEGIN',
  'COMMIT',
  'ABORT',
  'DISCONNECT',
] as const;

const KNOWN: ReadonlySet<string> = new Set(COMMANDS);

/** Tells whether a text is a command of STOMP 1.2, of a client or of a server. */
export function isStompCommand(text: string): boolean {
  return KNOWN.has(text);
}

/** Tells whether more bytes can still make a text the command line of a frame, or an end of line between frames. */
export function mayBecomeCommandLine(text: string): boolean {
  if (text.endsWith('\r')) return text.length === 1 || KNOWN.has(text.slice(0, -1));
  return COMMANDS.some((command) => command.startsWith(text));
}
