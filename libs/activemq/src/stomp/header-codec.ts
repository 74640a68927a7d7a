const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Escapes LF, CR, colon and backslash in a header name or value (STOMP 1.2); returns the same string when there are none. */
export function encodeHeaderText(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= BACKSLASH && (code === COLON || code === LF || code === CR || code === BACKSLASH)) return escapeFrom(text, i);
  }
  return text;
}

/**
 * Undoes {@link encodeHeaderText}; returns the same string when nothing is escaped.
 *
 * An escape that STOMP does not know is kept literally, as ActiveMQ does: refusing it would let one producer poison every consumer.
 */
export function decodeHeaderText(text: string): string {
  const first = text.indexOf('\\');
  return first === -1 ? text : unescapeFrom(text, first);
}

/** Tells whether header text of a frame is escaped: STOMP 1.2 exempts the frames that negotiate the version. */
export function hasEscapedHeaders(command: string): boolean {
  return command !== 'CONNECT' && command !== 'CONNECTED' && command !== 'STOMP';
}

function escapeFrom(text: string, first: number): string {
  let escaped = '';
  let kept = 0;
  for (let i = first; i < text.length; i++) {
    const sequence = escapeSequence(text.charCodeAt(i));
    if (sequence === undefined) continue;
    escaped += text.slice(kept, i) + sequence;
    kept = i + 1;
  }
  return escaped + text.slice(kept);
}

function escapeSequence(code: number): string | undefined {
  if (code === LF) return '\\n';
  if (code === CR) return '\\r';
  if (code === COLON) return '\\c';
  return code === BACKSLASH ? '\\\\' : undefined;
}

function unescapeFrom(text: string, first: number): string {
  let decoded = '';
  let kept = 0;
  for (let at = first; at !== -1;) {
    const character = escapedCharacter(text[at + 1]);
    if (character === undefined) {
      at = text.indexOf('\\', at + 1);
      continue;
    }
    decoded += text.slice(kept, at) + character;
    kept = at + 2;
    at = text.indexOf('\\', kept);
  }
  return decoded + text.slice(kept);
}

function escapedCharacter(letter: string | undefined): string | undefined {
  if (letter === 'n') return '\n';
  if (letter === 'r') return '\r';
  if (letter === 'c') return ':';
  return letter === '\\' ? '\\' : undefined;
}
