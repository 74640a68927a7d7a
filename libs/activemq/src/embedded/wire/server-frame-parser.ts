import { decodeHeaderText } from '../../stomp/header-codec.js';
import { EMPTY_BODY, stompHeaders, type StompFrame } from '../../stomp/frame.js';
import type { EmbeddedBrokerLimits } from '../broker/broker-options.js';
import { ConnectionDrop, Refusal } from '../broker/refusal.js';
import { LineReader } from './line-reader.js';

const NUL = 0;
/** Bytes of a command line that ActiveMQ reads before it gives up. */
const MAX_COMMAND_LENGTH = 1024;

/** What the parser takes. */
export type FrameSizeLimits = Pick<EmbeddedBrokerLimits, 'maxFrameSize' | 'maxHeaderLength' | 'maxHeaders'>;

/**
 * Reads a client's bytes as ActiveMQ does: any word is a command (what it means is decided later), a header line without a colon is a
 * header without a value, `content-length` counts in SEND only, and what is too large is refused before it is kept.
 *
 * The wire's own `FrameParser` is a client's: it knows the frames of STOMP and refuses others.
 */
export class ServerFrameParser {
  readonly #line: LineReader;
  readonly #body: Buffer[] = [];
  #expected: 'command' | 'header' | 'counted-body' | 'terminated-body' = 'command';
  #command = '';
  #headers = stompHeaders();
  #headerCount = 0;
  #frameSize = 0;
  #bodyLength = 0;
  /** What is still missing of a counted body, its NUL included. */
  #missing = 0;

  constructor(
    private readonly onFrame: (frame: StompFrame) => void,
    private readonly limits: FrameSizeLimits,
  ) {
    this.#line = new LineReader(MAX_COMMAND_LENGTH);
  }

  /**
   * Takes the next bytes and calls back for each frame they complete.
   *
   * @throws Refusal when the bytes are no STOMP or beyond the limits; nothing can be parsed behind it
   * @throws ConnectionDrop where ActiveMQ says nothing
   */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#expected === 'counted-body') at = this.#readCounted(chunk, at);
      else if (this.#expected === 'terminated-body') at = this.#readTerminated(chunk, at);
      else at = this.#readLine(chunk, at);
    }
  }

  #readLine(chunk: Buffer, at: number): number {
    const command = this.#expected === 'command';
    const end = this.#line.read(chunk, at);
    if (this.#line.tooLong) throw fatal(`The maximum ${command ? 'command' : 'header'} length was exceeded`);
    const line = this.#line.take();
    if (line === undefined) return end;
    if (command) this.#takeCommand(line.trim());
    else if (line === '') this.#beginBody();
    else this.#takeHeader(line);
    return end;
  }

  #takeCommand(command: string): void {
    if (command === '') return;
    this.#command = command;
    this.#headers = stompHeaders();
    this.#headerCount = 0;
    this.#frameSize = command.length;
    this.#line.limit = this.limits.maxHeaderLength;
    this.#expected = 'header';
  }

  #takeHeader(line: string): void {
    if (++this.#headerCount > this.limits.maxHeaders) throw fatal('The maximum number of headers was exceeded');
    this.#frameSize += line.length;
    if (this.#frameSize > this.limits.maxFrameSize) throw fatal('The maximum frame size was exceeded');
    const colon = line.indexOf(':');
    const name = decodeHeaderText(colon === -1 ? line : line.slice(0, colon));
    // The first of a repeated header counts.
    if (name in this.#headers) return;
    this.#headers[name] = colon === -1 ? '' : decodeHeaderText(line.slice(colon + 1));
  }

  #beginBody(): void {
    this.#bodyLength = 0;
    const length = this.#headers['content-length'];
    if (this.#command !== 'SEND' || length === undefined) {
      this.#expected = 'terminated-body';
      return;
    }
    if (/^\s*-\d+\s*$/.test(length)) throw new ConnectionDrop('content-length is negative');
    if (!/^\s*\+?\d{1,10}\s*$/.test(length)) throw fatal('Specified content-length is not a valid integer');
    this.#frameSize += Number(length);
    if (this.#frameSize > this.limits.maxFrameSize) throw fatal('The maximum frame size was exceeded');
    this.#missing = Number(length) + 1;
    this.#expected = 'counted-body';
  }

  #readCounted(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#missing);
    this.#body.push(chunk.subarray(at, end));
    this.#missing -= end - at;
    if (this.#missing === 0) {
      const body = this.#takeBody();
      if (body[body.length - 1] !== NUL) throw fatal('content-length bytes were read and there was no trailing null byte');
      this.#finish(body.subarray(0, -1));
    }
    return end;
  }

  #readTerminated(chunk: Buffer, at: number): number {
    const nul = chunk.indexOf(NUL, at);
    const end = nul === -1 ? chunk.length : nul;
    this.#bodyLength += end - at;
    if (this.#frameSize + this.#bodyLength > this.limits.maxFrameSize) throw fatal('The maximum frame size was exceeded');
    if (end > at) this.#body.push(chunk.subarray(at, end));
    if (nul === -1) return end;
    this.#finish(this.#takeBody());
    return nul + 1;
  }

  #takeBody(): Buffer {
    const parts = this.#body.splice(0);
    // A copy, so that a small message does not keep a whole chunk of the socket alive.
    return parts.length === 0 ? EMPTY_BODY : Buffer.concat(parts);
  }

  #finish(body: Buffer): void {
    this.#expected = 'command';
    this.#line.limit = MAX_COMMAND_LENGTH;
    this.onFrame({ command: this.#command, headers: this.#headers, body });
  }
}

function fatal(message: string): Refusal {
  return new Refusal(message, { closes: true });
}
