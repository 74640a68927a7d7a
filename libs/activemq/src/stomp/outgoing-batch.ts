import { EMPTY_BODY } from './frame.js';
import { MAX_COPIED_BODY, TERMINATOR } from './frame-writer.js';

const SLAB_SIZE = 32 * 1024;
const LF = 0x0a;
const NUL = 0x00;
/** A UTF-16 unit is at most this many bytes in UTF-8. */
const MAX_BYTES_PER_CHARACTER = 3;

/** The bytes of the frames of one tick: small ones encoded straight into one Buffer, large bodies kept as they are. */
export class OutgoingBatch {
  readonly #parts: Buffer[] = [];
  #slab = EMPTY_BODY;
  #start = 0;
  #end = 0;
  #partsLength = 0;

  /** Bytes collected. */
  get length(): number {
    return this.#partsLength + this.#end - this.#start;
  }

  /** Adds one frame: its head as text, its body in bytes. */
  addFrame(head: string, body: Buffer = EMPTY_BODY): void {
    if (body.length > MAX_COPIED_BODY) {
      this.#reserve(head.length * MAX_BYTES_PER_CHARACTER);
      this.#end += this.#slab.write(head, this.#end);
      this.#close();
      this.#add(body);
      this.#add(TERMINATOR);
      return;
    }
    this.#reserve(head.length * MAX_BYTES_PER_CHARACTER + body.length + 1);
    this.#end += this.#slab.write(head, this.#end);
    this.#end += body.copy(this.#slab, this.#end);
    this.#slab[this.#end++] = NUL;
  }

  /** Adds one line feed. */
  addLineFeed(): void {
    this.#reserve(1);
    this.#slab[this.#end++] = LF;
  }

  /** Hands out what is collected, in order, and begins anew; the memory handed out is not written to again. */
  take(): Buffer[] {
    this.#close();
    this.#partsLength = 0;
    return this.#parts.splice(0);
  }

  #reserve(bytes: number): void {
    if (this.#slab.length - this.#end >= bytes) return;
    this.#close();
    this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_SIZE, bytes));
    this.#start = 0;
    this.#end = 0;
  }

  /** Ends the part that is being written; the rest of the slab serves the next one. */
  #close(): void {
    if (this.#end === this.#start) return;
    this.#add(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }

  #add(part: Buffer): void {
    this.#parts.push(part);
    this.#partsLength += part.length;
  }
}
