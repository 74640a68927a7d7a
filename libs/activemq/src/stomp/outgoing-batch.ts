import { EMPTY_BODY } from './frame.js';
import { MAX_COPIED_BODY } from './frame-writer.js';

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
    this.#addText(head);
    if (body.length > MAX_COPIED_BODY) {
      this.#addPart(body);
    } else {
      this.#reserve(body.length);
      this.#end += body.copy(this.#slab, this.#end);
    }
    this.#addByte(NUL);
  }

  /** Adds one line feed. */
  addLineFeed(): void {
    this.#addByte(LF);
  }

  /** Hands out what is collected, in order, and begins anew; the memory handed out is not written to again. */
  take(): Buffer[] {
    this.#closePart();
    this.#partsLength = 0;
    return this.#parts.splice(0);
  }

  #addText(text: string): void {
    const atMost = text.length * MAX_BYTES_PER_CHARACTER;
    // A head of many large headers gets a Buffer of its own, so that the slab stays small.
    if (atMost > SLAB_SIZE) return this.#addPart(Buffer.from(text));
    this.#reserve(atMost);
    this.#end += this.#slab.write(text, this.#end);
  }

  #addByte(byte: number): void {
    this.#reserve(1);
    this.#slab[this.#end++] = byte;
  }

  #reserve(bytes: number): void {
    if (this.#slab.length - this.#end >= bytes) return;
    this.#closePart();
    this.#slab = Buffer.allocUnsafeSlow(SLAB_SIZE);
    this.#start = 0;
    this.#end = 0;
  }

  /** Ends the part that is being written; the rest of the slab serves the next one. */
  #closePart(): void {
    if (this.#end === this.#start) return;
    const part = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#addPart(part);
  }

  #addPart(part: Buffer): void {
    this.#closePart();
    this.#parts.push(part);
    this.#partsLength += part.length;
  }
}
