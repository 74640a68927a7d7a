const LF = 0x0a;
const CR = 0x0d;

/** Puts the lines of a stream together, however its chunks are cut, and never keeps more than its limit. */
export class LineReader {
  readonly #parts: Buffer[] = [];
  #length = 0;
  #complete = false;

  constructor(
    /** Bytes of one line, without its end. */
    public limit: number,
  ) {}

  /** Whether the line read so far is beyond the limit. */
  get tooLong(): boolean {
    return this.#length > this.limit;
  }

  /** Reads up to the end of the line or chunk and says where it stopped. */
  read(chunk: Buffer, at: number): number {
    const feed = chunk.indexOf(LF, at);
    const end = feed === -1 ? chunk.length : feed;
    this.#length += end - at;
    if (!this.tooLong && end > at) this.#parts.push(chunk.subarray(at, end));
    this.#complete = feed !== -1;
    return this.#complete ? feed + 1 : end;
  }

  /** The line when it is complete, without `\r\n`. */
  take(): string | undefined {
    if (!this.#complete) return undefined;
    this.#complete = false;
    this.#length = 0;
    const parts = this.#parts.splice(0);
    const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    if (bytes === undefined) return '';
    const end = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
    return bytes.toString('utf8', 0, end);
  }
}
