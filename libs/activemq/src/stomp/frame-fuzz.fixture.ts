import { StompProtocolError } from '../errors/index.js';
import type { FrameLimits } from './frame-limits.js';
import { FrameParser } from './frame-parser.js';
import { hostileBytes, split, validStream, type Random } from './frame-stream.fixture.js';
import type { StompFrame } from './frame.js';

/** What a parser made of some bytes. */
interface Outcome {
  readonly frames: readonly string[];
  readonly refused: boolean;
  readonly idle: boolean;
}

/** Small, so that a few hundred bytes can go beyond them. */
const TIGHT: FrameLimits = { maxHeaderLength: 300, maxHeaders: 12, maxBodyLength: 1000 };
/** Bytes a parser with those limits may swallow without giving a frame or refusing: one whole frame, and ends of line. */
const MOST_BUFFERED = 20 + (TIGHT.maxHeaders + 1) * (TIGHT.maxHeaderLength + 2) + TIGHT.maxBodyLength;

/** What one round did, for the summary of a run. */
export interface FuzzRound {
  readonly splits: number;
  readonly frames: number;
  readonly refused: number;
}

/** A random valid stream gives the same frames however it is split, and leaves nothing behind. */
export function fuzzValid(random: Random): FuzzRound {
  const { bytes, frames } = validStream(random);
  const expected = frames.map(described);
  const chunks = split(random, bytes);
  const outcome = parse(chunks);
  if (outcome.refused) throw new Error(`a valid stream was refused: ${hex(bytes)}`);
  if (!outcome.idle) throw new Error(`a whole stream left the parser waiting: ${hex(bytes)}`);
  assertSame(outcome.frames, expected, bytes);
  return { splits: chunks.length - 1, frames: frames.length, refused: 0 };
}

/** Bytes of any kind give frames or a protocol error, nothing else, and the same ones however they are split. */
export function fuzzHostile(random: Random): FuzzRound {
  const bytes = hostileBytes(random);
  const limits = random() < 0.5 ? TIGHT : undefined;
  const whole = parse([Buffer.from(bytes)], limits);
  const chunks = split(random, bytes);
  const pieces = parse(chunks, limits);
  assertSame(pieces.frames, whole.frames, bytes);
  if (pieces.refused !== whole.refused) throw new Error(`refused in one split and taken in another: ${hex(bytes)}`);
  return { splits: Math.max(0, chunks.length - 1), frames: whole.frames.length, refused: whole.refused ? 1 : 0 };
}

function parse(chunks: readonly Buffer[], limits?: FrameLimits): Outcome {
  const frames: string[] = [];
  let silent = 0;
  const parser = new FrameParser(
    (frame) => {
      silent = 0;
      frames.push(described(frame));
    },
    { ...(limits ? { limits } : {}), onHeartBeat: () => (silent = 0) },
  );
  for (const chunk of chunks) {
    const failure = thrownBy(() => parser.push(chunk));
    if (failure !== undefined) {
      if (thrownBy(() => parser.push(Buffer.from('\n'))) !== failure) throw new Error('a parser that failed did not fail again');
      return { frames, refused: true, idle: parser.idle };
    }
    silent += chunk.length;
    if (limits && chunks.length > 1 && silent > MOST_BUFFERED + chunk.length)
      throw new Error(`${silent} bytes were swallowed without a result`);
  }
  return { frames, refused: false, idle: parser.idle };
}

function thrownBy(act: () => void): StompProtocolError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof StompProtocolError) return error;
    throw error;
  }
}

function described(frame: StompFrame): string {
  return JSON.stringify([frame.command, Object.entries(frame.headers), frame.body.toString('base64')]);
}

function assertSame(actual: readonly string[], expected: readonly string[], bytes: Buffer): void {
  const at = Math.max(actual.length, expected.length);
  for (let i = 0; i < at; i++) {
    if (actual[i] !== expected[i]) throw new Error(`frame ${i} is ${actual[i]}, not ${expected[i]}, of ${hex(bytes)}`);
  }
}

function hex(bytes: Buffer): string {
  return bytes.length > 2000 ? `${bytes.toString('hex', 0, 2000)}...` : bytes.toString('hex');
}
