import { excerpt } from './frame-excerpt.js';
import type { FrameLimits } from './frame-limits.js';
import { stompHeaders } from './frame.js';
import { decodeHeaderText, hasEscapedHeaders } from './header-codec.js';

const LF = 0x0a;
const CR = 0x0d;
const CR_TEXT = '\r';
/** Bytes up to which a head is decoded at once; a header kept for long keeps no more than this alive. */
const SHORT_HEAD = 4096;

/** The command and the headers of the frame that a parser is reading. */
export class FrameHead {
  readonly #limits: FrameLimits;
  readonly #fail: (message: string) => never;
  #command = '';
  #headers = stompHeaders();
  #count = 0;
  #escaped = true;

  /** @param fail is called with what is wrong with a head, and throws */
  constructor(limits: FrameLimits, fail: (message: string) => never) {
    this.#limits = limits;
    this.#fail = fail;
  }

  /** The command of the frame. */
  get command(): string {
    return this.#command;
  }

  /** The headers that were added since {@link begin}. */
  get headers(): Record<string, string> {
    return this.#headers;
  }

  /** Begins the head of the next frame; objects handed out before stay as they are. */
  begin(command: string): void {
    this.#command = command;
    this.#headers = stompHeaders();
    this.#count = 0;
    this.#escaped = hasEscapedHeaders(command);
  }

  /** Adds all header lines of a short head that lies whole in a chunk; returns where its empty line begins, -1 when it is no such. */
  addShortHead(chunk: Buffer, start: number): number {
    const end = endOfShortHead(chunk, start, Math.min(SHORT_HEAD, this.#limits.maxHeaderLength));
    if (end <= start) return end;
    const text = chunk.toString('utf8', start, end);
    for (let from = 0; from < text.length;) {
      const lf = text.indexOf('\n', from);
      this.addLine(text, from, text[lf - 1] === CR_TEXT ? lf - 1 : lf);
      from = lf + 1;
    }
    return end;
  }

  /** Adds the header line `text[start..end)`, which has no end of line. */
  addLine(text: string, start: number, end: number): void {
    const { maxHeaders } = this.#limits;
    if (++this.#count > maxHeaders) this.#fail(`A ${this.#command} frame has more than ${maxHeaders} headers`);
    const colon = text.indexOf(':', start);
    // ActiveMQ does not escape names: a JMS property name with a line break tears its line apart. Refused, that message would kill every consumer.
    if (colon === -1 || colon >= end) return;
    const name = text.slice(start, colon);
    const value = text.slice(colon + 1, end);
    // The first of a repeated header wins.
    if (this.#escaped) this.#headers[decodeHeaderText(name)] ??= decodeHeaderText(value);
    else this.#headers[name] ??= value;
  }

  /** The length of the body in bytes, checked; `undefined` when a NUL ends it. */
  contentLength(): number | undefined {
    const declared = this.#headers['content-length'];
    if (declared === undefined) return undefined;
    if (!/^\d+$/.test(declared)) this.#fail(`A ${this.#command} frame has an invalid content-length: ${excerpt(declared)}`);
    const length = Number(declared);
    const { maxBodyLength } = this.#limits;
    if (length > maxBodyLength) {
      this.#fail(`A ${this.#command} frame declares a body of ${excerpt(declared)} bytes above the limit of ${maxBodyLength} bytes`);
    }
    return length;
  }
}

function endOfShortHead(chunk: Buffer, start: number, longest: number): number {
  for (let at = start; at - start <= longest;) {
    const lf = chunk.indexOf(LF, at);
    if (lf === -1) return -1;
    if (lf === at || (lf === at + 1 && chunk[at] === CR)) return at;
    at = lf + 1;
  }
  return -1;
}
