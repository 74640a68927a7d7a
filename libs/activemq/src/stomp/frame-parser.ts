import { StompProtocolError } from '../errors/index.js';
import { FrameAccumulator } from './frame-accumulator.js';
import { isStompCommand, mayBecomeCommandLine } from './frame-commands.js';
import { excerpt } from './frame-excerpt.js';
import { FrameHead } from './frame-head.js';
import { DEFAULT_FRAME_LIMITS, type FrameLimits } from './frame-limits.js';
import { isOpenWireGreeting, mayBecomeOpenWireGreeting, OPENWIRE_GREETING_LENGTH } from './frame-openwire.js';
import { EMPTY_BODY, type StompFrame } from './frame.js';

export type { FrameLimits } from './frame-limits.js';

const LF = 0x0a;
const CR = 0x0d;
const NUL = 0x00;

/** What a parser reads next. */
type Expected = 'greeting' | 'command' | 'header' | 'counted-body' | 'terminated-body' | 'terminator';

/** What a {@link FrameParser} may be given. */
export interface FrameParserOptions {
  /** Overrides of the default limits: 64 KiB per header line, 2000 headers, 101 MiB per body. */
  limits?: Partial<FrameLimits>;
  /** Called for each run of ends of line between frames, the one after a frame included: a sign of life. */
  onHeartBeat?: () => void;
}

/**
 * Turns the bytes of one connection into frames, however they are split, at a cost that is linear in the bytes.
 *
 * When `onFrame` or `onHeartBeat` throws, {@link push} throws that error; the frame counts as delivered, and what followed it
 * is kept and delivered by the next `push` (of an empty Buffer, if nothing else has arrived).
 */
export class FrameParser {
  readonly #onFrame: (frame: StompFrame) => void;
  readonly #onHeartBeat: (() => void) | undefined;
  readonly #limits: FrameLimits;
  readonly #head: FrameHead;
  readonly #partial = new FrameAccumulator();
  readonly #queue: Buffer[] = [];
  #at = 0;
  #parsing = false;
  #failure: StompProtocolError | undefined;
  #expected: Expected = 'greeting';
  #bodyLength = 0;
  #body = EMPTY_BODY;

  constructor(onFrame: (frame: StompFrame) => void, options: FrameParserOptions = {}) {
    this.#onFrame = onFrame;
    this.#onHeartBeat = options.onHeartBeat;
    this.#limits = { ...DEFAULT_FRAME_LIMITS, ...options.limits };
    this.#head = new FrameHead(this.#limits, (message) => this.#fail(message));
  }

  /** True when no partial frame is buffered. */
  get idle(): boolean {
    const between = this.#expected === 'command' || this.#expected === 'greeting';
    const unread = this.#queue.length > 1 || this.#at < (this.#queue[0]?.length ?? 0);
    return between && this.#partial.length === 0 && !unread;
  }

  /**
   * Takes the next bytes of the connection and calls `onFrame` for each frame they complete. The chunk belongs to the parser
   * from then on: a body may be a view of it.
   *
   * @throws StompProtocolError when the bytes are no STOMP or beyond the limits; every later `push` throws the same error.
   */
  push(chunk: Buffer): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (chunk.length > 0) this.#queue.push(chunk);
    // A push from within a callback is parsed by the loop that made the call.
    if (this.#parsing) return;
    this.#parsing = true;
    try {
      this.#parseQueue();
    } finally {
      this.#parsing = false;
    }
  }

  #parseQueue(): void {
    for (let chunk = this.#queue[0]; chunk !== undefined; chunk = this.#queue[0]) {
      while (this.#at < chunk.length) this.#step(chunk);
      this.#queue.shift();
      this.#at = 0;
    }
  }

  #step(chunk: Buffer): void {
    switch (this.#expected) {
      case 'greeting':
        return this.#readGreeting(chunk);
      case 'command':
        return this.#readCommand(chunk);
      case 'header':
        return this.#readHeaders(chunk);
      case 'counted-body':
        return this.#readCountedBody(chunk);
      case 'terminated-body':
        return this.#readTerminatedBody(chunk);
      case 'terminator':
        return this.#readTerminator(chunk);
    }
  }

  /** No STOMP peer begins with a NUL, OpenWire does: enough bytes are awaited to tell the user which of the two it is. */
  #readGreeting(chunk: Buffer): void {
    if (this.#partial.length === 0 && chunk[this.#at] !== NUL) {
      this.#expected = 'command';
      return;
    }
    const end = Math.min(chunk.length, this.#at + OPENWIRE_GREETING_LENGTH - this.#partial.length);
    this.#partial.append(chunk, this.#at, end);
    this.#at = end;
    const bytes = this.#partial.peek();
    if (isOpenWireGreeting(bytes)) {
      this.#fail('The peer speaks OpenWire, not STOMP: connect to the stomp connector (61613 by default) or use an auto:// connector');
    }
    if (!mayBecomeOpenWireGreeting(bytes)) this.#refuseCommand(bytes.toString('latin1'));
  }

  #readCommand(chunk: Buffer): void {
    const line = this.#readLine(chunk);
    if (line === undefined) {
      const begun = this.#partial.peek().toString('latin1');
      if (!mayBecomeCommandLine(begun)) this.#refuseCommand(begun);
    } else if (line === '') {
      // The rest of a run of line feeds, so that a flood of them is one call.
      while (chunk[this.#at] === LF) this.#at++;
      this.#onHeartBeat?.();
    } else if (isStompCommand(line)) {
      this.#head.begin(line);
      this.#expected = 'header';
    } else {
      this.#refuseCommand(line);
    }
  }

  #readHeaders(chunk: Buffer): void {
    if (this.#partial.length === 0) {
      const emptyLine = this.#head.addShortHead(chunk, this.#at);
      if (emptyLine !== -1) this.#at = emptyLine;
    }
    while (this.#at < chunk.length) {
      const line = this.#readLine(chunk, this.#limits.maxHeaderLength);
      if (line === undefined) return;
      if (line === '') return this.#endHeaders();
      this.#head.addLine(line, 0, line.length);
    }
  }

  #endHeaders(): void {
    const length = this.#head.contentLength();
    this.#bodyLength = length ?? 0;
    if (length === undefined) this.#expected = 'terminated-body';
    else this.#expected = length === 0 ? 'terminator' : 'counted-body';
  }

  #readCountedBody(chunk: Buffer): void {
    const start = this.#at;
    const end = Math.min(chunk.length, start + this.#bodyLength - this.#partial.length);
    this.#at = end;
    if (end - start === this.#bodyLength) {
      this.#body = detached(chunk, start, end);
    } else {
      this.#partial.append(chunk, start, end, this.#bodyLength);
      if (this.#partial.length < this.#bodyLength) return;
      this.#body = this.#partial.take();
    }
    this.#expected = 'terminator';
  }

  #readTerminator(chunk: Buffer): void {
    if (chunk[this.#at] !== NUL) {
      this.#fail(`The body of a ${this.#head.command} frame is longer than its content-length of ${this.#bodyLength}: no NUL follows it`);
    }
    this.#at++;
    this.#emit(this.#body);
  }

  #readTerminatedBody(chunk: Buffer): void {
    const start = this.#at;
    const nul = chunk.indexOf(NUL, start);
    const end = nul === -1 ? chunk.length : nul;
    if (this.#partial.length + end - start > this.#limits.maxBodyLength) {
      this.#fail(`A ${this.#head.command} frame has a body above the limit of ${this.#limits.maxBodyLength} bytes`);
    }
    this.#at = nul === -1 ? end : end + 1;
    if (nul === -1) return this.#partial.append(chunk, start, end);
    if (this.#partial.length === 0) return this.#emit(detached(chunk, start, end));
    this.#partial.append(chunk, start, end);
    this.#emit(this.#partial.take());
  }

  /** The state is that of the next frame before the callback runs, so that a throwing one costs nothing. */
  #emit(body: Buffer): void {
    const frame = { command: this.#head.command, headers: this.#head.headers, body };
    this.#expected = 'command';
    this.#body = EMPTY_BODY;
    this.#onFrame(frame);
  }

  /** The next line without its end, or `undefined` when the chunk ends before it. */
  #readLine(chunk: Buffer, limit = Number.POSITIVE_INFINITY): string | undefined {
    const from = this.#at;
    const lf = chunk.indexOf(LF, from);
    const to = lf === -1 ? chunk.length : lf;
    // One byte more than the limit, for the CR that an end of line may have.
    if (this.#partial.length + to - from > limit + 1) this.#failOnLine(limit);
    this.#at = lf === -1 ? to : to + 1;
    if (lf !== -1 && this.#partial.length === 0) return this.#lineOf(chunk, from, to, limit);
    this.#partial.append(chunk, from, to);
    if (lf === -1) return undefined;
    const bytes = this.#partial.peek();
    this.#partial.clear();
    return this.#lineOf(bytes, 0, bytes.length, limit);
  }

  #lineOf(bytes: Buffer, start: number, end: number, limit: number): string {
    const stop = end > start && bytes[end - 1] === CR ? end - 1 : end;
    if (stop - start > limit) this.#failOnLine(limit);
    return bytes.toString('utf8', start, stop);
  }

  #refuseCommand(text: string): never {
    const hint = text.startsWith('\x15\x03') ? '; it looks like TLS: use a stomp+ssl:// URI' : '';
    this.#fail(`The peer does not speak STOMP: it sent ${excerpt(text)} where a command belongs${hint}`);
  }

  #failOnLine(limit: number): never {
    this.#fail(`A header line of a ${this.#head.command} frame is longer than ${limit} bytes`);
  }

  #fail(message: string): never {
    this.#failure = new StompProtocolError(message);
    this.#queue.length = 0;
    this.#partial.take();
    throw this.#failure;
  }
}

/** A body that does not keep a much larger chunk alive: a view only where the body is at least half of what the view holds. */
function detached(chunk: Buffer, start: number, end: number): Buffer {
  if (start === end) return EMPTY_BODY;
  if ((end - start) * 2 >= chunk.buffer.byteLength) return chunk.subarray(start, end);
  const copy = Buffer.allocUnsafe(end - start);
  chunk.copy(copy, 0, start, end);
  return copy;
}
