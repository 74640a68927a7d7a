import { StompProtocolError } from '../errors/index.js';
import { FrameParser, type FrameParserOptions } from './frame-parser.js';
import type { StompFrame } from './frame.js';

/** A parser and what it gave. */
export function recordingParser(options: FrameParserOptions = {}) {
  const frames: StompFrame[] = [];
  let heartBeats = 0;
  const parser = new FrameParser((frame) => frames.push(frame), { onHeartBeat: () => heartBeats++, ...options });
  return { parser, frames, heartBeats: () => heartBeats };
}

/** The frames of a text, parsed in one piece. */
export function framesOf(text: string | Buffer, options: FrameParserOptions = {}): StompFrame[] {
  const { parser, frames } = recordingParser(options);
  parser.push(Buffer.from(text));
  return frames;
}

/** The protocol errors a text ends in: when it comes in one piece, and when it comes byte by byte. It must be one both times. */
export function refusalsOf(text: string | Buffer, options: FrameParserOptions = {}): [inOnePiece: string, byteByByte: string] {
  const bytes = Buffer.from(text);
  const byteByByte = Array.from(bytes, (byte) => Buffer.from([byte]));
  return [refusal([bytes], options), refusal(byteByByte, options)];
}

function refusal(chunks: readonly Buffer[], options: FrameParserOptions): string {
  const { parser } = recordingParser(options);
  try {
    for (const chunk of chunks) parser.push(chunk);
  } catch (error) {
    if (error instanceof StompProtocolError) return error.message;
    throw error;
  }
  throw new Error(`was not refused: ${JSON.stringify(Buffer.concat(chunks).toString('latin1', 0, 200))}`);
}
