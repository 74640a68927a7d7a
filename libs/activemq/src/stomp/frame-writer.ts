import { IllegalFrameError } from '../errors/index.js';
import { isStompCommand } from './frame-commands.js';
import { encodeHeaderText, hasEscapedHeaders } from './header-codec.js';

/** Bytes of one header line, as it stands on the wire, above which ActiveMQ closes the connection. */
const BROKER_MAX_HEADER_LENGTH = 10 * 1024;
/** Headers of one frame above which ActiveMQ closes the connection. */
const BROKER_MAX_HEADERS = 1000;
/** A character of a header is at most this many bytes on the wire: an escape is 2, a UTF-16 unit in UTF-8 is 3. */
const MAX_BYTES_PER_CHARACTER = 3;
/** Bodies above this size, in bytes, are never copied. */
export const MAX_COPIED_BODY = 8 * 1024;

/** The byte that ends a frame. */
const TERMINATOR: Buffer = Buffer.from([0]);

/** The headers of a frame to be sent; `undefined` values are left out. */
export type OutgoingHeaders = Readonly<Record<string, string | undefined>>;

/**
 * Encodes one frame: one Buffer, or head, body and NUL apart when the body is above 8 KiB, so that it is never copied.
 * With a body, `content-length` is always set, whatever the caller gave.
 *
 * @throws IllegalFrameError when the frame is no STOMP or ActiveMQ would close the connection over it.
 */
export function encodeFrame(command: string, headers: OutgoingHeaders, body?: Buffer): Buffer[] {
  const head = encodeHead(command, headers, body);
  if (body !== undefined && body.length > MAX_COPIED_BODY) return [Buffer.from(head), body, TERMINATOR];
  const headLength = Buffer.byteLength(head);
  const bodyLength = body?.length ?? 0;
  const frame = Buffer.allocUnsafe(headLength + bodyLength + 1);
  frame.write(head);
  body?.copy(frame, headLength);
  frame[headLength + bodyLength] = 0;
  return [frame];
}

/**
 * The command line, the headers and the empty line of a frame, as text.
 *
 * @throws IllegalFrameError as {@link encodeFrame} does.
 */
export function encodeHead(command: string, headers: OutgoingHeaders, body?: Buffer): string {
  if (!isStompCommand(command)) throw new IllegalFrameError(`${JSON.stringify(command)} is no STOMP command`);
  const counted = body !== undefined && body.length > 0;
  const escaped = hasEscapedHeaders(command);
  let head = `${command}\n`;
  let count = counted ? 1 : 0;
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined || (counted && name === 'content-length')) continue;
    if (name === '') throw new IllegalFrameError(`A ${command} frame has a header without a name (its value is not shown)`);
    if (++count > BROKER_MAX_HEADERS) failOnCount(command);
    const line = escaped ? `${encodeHeaderText(name)}:${encodeHeaderText(value)}` : rawLine(command, name, value);
    if (line.length * MAX_BYTES_PER_CHARACTER > BROKER_MAX_HEADER_LENGTH) assertLineLength(command, name, line);
    head += `${line}\n`;
  }
  return counted ? `${head}content-length:${body.length}\n\n` : `${head}\n`;
}

/**
 * Refuses headers over which ActiveMQ would close the connection (a header line above 10 KiB, more than 1000 headers), for
 * callers that want to know before they queue a message.
 *
 * @throws IllegalFrameError that names the header and the limit.
 */
export function assertWithinBrokerLimits(command: string, headers: OutgoingHeaders, body?: Buffer): void {
  encodeHead(command, headers, body);
}

function assertLineLength(command: string, name: string, line: string): void {
  const length = Buffer.byteLength(line);
  if (length <= BROKER_MAX_HEADER_LENGTH) return;
  throw new IllegalFrameError(
    `The header ${JSON.stringify(name.slice(0, 100))} of a ${command} frame is ${length} bytes long; ` +
      `ActiveMQ closes the connection above ${BROKER_MAX_HEADER_LENGTH}: put large values into the body`,
  );
}

function failOnCount(command: string): never {
  throw new IllegalFrameError(
    `A ${command} frame has more than ${BROKER_MAX_HEADERS} headers; ActiveMQ closes the connection above that: put them into the body`,
  );
}

/** CONNECT is not escaped: what would need it (a line feed in a passcode) cannot be sent, and must not add a header. */
function rawLine(command: string, name: string, value: string): string {
  if (/[\r\n:]/.test(name) || /[\r\n]/.test(value)) {
    throw new IllegalFrameError(`The header ${JSON.stringify(name)} of a ${command} frame contains a line break or, in its name, a colon`);
  }
  return `${name}:${value}`;
}
