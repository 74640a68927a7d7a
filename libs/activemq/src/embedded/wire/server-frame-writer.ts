import { encodeHeaderText } from '../../stomp/header-codec.js';

/** A frame to a client. */
export interface ServerFrame {
  readonly command: 'CONNECTED' | 'MESSAGE' | 'RECEIPT' | 'ERROR';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const END = Buffer.from('\0\n');
/** Bodies up to this size, in bytes, are copied into one Buffer with their head. */
const MAX_COPIED_BODY = 8 * 1024;

/** Encodes a frame as ActiveMQ does: an end of line behind the NUL, no `content-length` of its own making, values escaped from STOMP 1.1 on. */
export function encodeServerFrame(frame: ServerFrame, version: string): Buffer[] {
  let head = `${frame.command}\n`;
  const escaped = version !== '1.0' && frame.command !== 'CONNECTED';
  for (const name in frame.headers) {
    const value = frame.headers[name] ?? '';
    head += escaped ? `${encodeHeaderText(name)}:${encodeHeaderText(value)}\n` : `${withoutBreaks(name)}:${withoutBreaks(value)}\n`;
  }
  head += '\n';
  const { body } = frame;
  if (body === undefined || body.length === 0) return [Buffer.from(`${head}\0\n`)];
  const encoded = Buffer.from(head);
  return body.length > MAX_COPIED_BODY ? [encoded, body, END] : [Buffer.concat([encoded, body, END])];
}

/** STOMP 1.0 has no escapes: a line break in a value must not make a header of its own. */
function withoutBreaks(text: string): string {
  return text.replaceAll(/[\r\n]/g, ' ');
}
