/** What a STOMP stream is cut into: whole frames, or line ends between them, which are heart-beats. */
export interface Piece {
  readonly bytes: Buffer;
  /** The frame's command; `undefined` for heart-beats. */
  readonly command: string | undefined;
}

/** Cuts a byte stream of STOMP frames at their ends. It knows no `content-length`: the bodies of a chaos run hold no NUL. */
export class FrameScanner {
  #rest = Buffer.alloc(0);

  /** The pieces that are complete with these bytes. */
  push(bytes: Buffer): readonly Piece[] {
    let rest = Buffer.concat([this.#rest, bytes]);
    const pieces: Piece[] = [];
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const frame = rest.subarray(0, end + 1);
      pieces.push({ bytes: frame, command: /^[\r\n]*([A-Z]+)/.exec(frame.toString('latin1', 0, 40))?.[1] });
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0 && rest.every((byte) => byte === 0x0a || byte === 0x0d)) {
      pieces.push({ bytes: rest, command: undefined });
      rest = Buffer.alloc(0);
    }
    this.#rest = rest;
    return pieces;
  }
}
