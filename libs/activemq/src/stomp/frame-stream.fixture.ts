import { stompHeaders, type StompFrame } from './frame.js';

/** A seeded source of numbers in [0, 1): the same seed gives the same streams on every machine. */
export type Random = () => number;

/** Mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number in [0, below). */
function upTo(random: Random, below: number): number {
  return Math.floor(random() * below);
}

/** One element of a list. */
function oneOf<T>(random: Random, list: readonly [T, ...T[]]): T {
  return list[upTo(random, list.length)] ?? list[0];
}

/** The bytes of a valid stream and the frames a correct parser reads from it. */
export interface ValidStream {
  readonly bytes: Buffer;
  readonly frames: readonly StompFrame[];
}

const UNESCAPED = ['CONNECT', 'CONNECTED', 'STOMP'] as const;
const COMMANDS = [
  ...UNESCAPED,
  'MESSAGE',
  'RECEIPT',
  'ERROR',
  'SEND',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'ACK',
  'NACK',
  'BEGIN',
  'COMMIT',
  'ABORT',
  'DISCONNECT',
] as const;
const NAMES = [
  'destination',
  'message-id',
  '__proto__',
  'hasOwnProperty',
  'constructor',
  'toString',
  '42',
  'größe',
  'a:b',
  'b\\s',
] as const;
const CHARACTERS = ['a', 'Z', '7', ' ', '-', ':', '\\', '\n', '\r', '\0', 'n', 'c', 'r', 'é', '€', '漢', '😀', '\u2028'] as const;
const BODY_SIZES = [0, 0, 1, 7, 30, 30, 200, 200, 200, 200, 200, 3000] as const;

/** A stream of 1 to 12 frames: both ends of line, repeated headers, bodies with and without content-length, heart-beats between. */
export function validStream(random: Random): ValidStream {
  const pieces: Buffer[] = [];
  const frames: StompFrame[] = [];
  for (let left = 1 + upTo(random, 12); left > 0; left--) {
    pieces.push(Buffer.from(oneOf(random, ['', '', '\n', '\r\n', '\n\n\r\n'])));
    const { bytes, frame } = validFrame(random);
    pieces.push(bytes);
    frames.push(frame);
  }
  return { bytes: Buffer.concat(pieces), frames };
}

function validFrame(random: Random): { bytes: Buffer; frame: StompFrame } {
  const command = oneOf(random, COMMANDS);
  const escaped = !(UNESCAPED as readonly string[]).includes(command);
  const eol = oneOf(random, ['\n', '\r\n']);
  const headers = stompHeaders();
  let head = command + eol;
  const add = (name: string, value: string) => {
    head += `${escaped ? escape(name) : name}:${escaped ? escape(value) : value}${eol}`;
    headers[name] ??= value;
  };
  for (let left = oneOf(random, [0, 1, 2, 3, 3, 8, 8, 20]); left > 0; left--) {
    const name = random() < 0.5 ? oneOf(random, NAMES) : `x${text(random, 8)}`;
    const value = text(random, oneOf(random, [0, 5, 5, 5, 30, 30, 30, 30, 30, 30, 600]));
    add(escaped ? name : name.replace(/[\r\n:]/g, '_'), escaped ? value : value.replace(/[\r\n]/g, '_'));
    if (random() < 0.1) add(Object.keys(headers).at(-1) ?? 'x', 'a later one loses');
  }
  const counted = random() < 0.6;
  const body = Buffer.alloc(oneOf(random, BODY_SIZES));
  for (let i = 0; i < body.length; i++) body[i] = counted ? upTo(random, 256) : 1 + upTo(random, 255);
  if (counted) add('content-length', String(body.length));
  return { bytes: Buffer.concat([Buffer.from(head + eol), body, Buffer.from([0])]), frame: { command, headers, body } };
}

/** Written with regular expressions on purpose: it shares no line with what it tests. */
function escape(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/:/g, '\\c');
}

function text(random: Random, length: number): string {
  let value = '';
  for (let left = upTo(random, length + 1); left > 0; left--) value += oneOf(random, CHARACTERS);
  return value;
}

const GRAMMAR = [
  'SEND\n',
  'MESSAGE\r\n',
  'CONNECTED\n',
  'a:b\n',
  'content-length:',
  '3',
  '17',
  '99999999999',
  ':',
  '\\',
  '\n',
  '\r\n',
  '\r',
  '\0',
  'é',
  'HTTP/1.1',
] as const;

/** Bytes that no broker sends: plain noise, words of the grammar in any order, or a valid stream with bytes flipped, cut and doubled. */
export function hostileBytes(random: Random): Buffer {
  const kind = random();
  if (kind < 0.15) return Buffer.from(Array.from({ length: upTo(random, 400) }, () => upTo(random, 256)));
  if (kind < 0.5)
    return Buffer.from(
      `${oneOf(random, ['', 'SEND\n'])}${Array.from({ length: upTo(random, 60) }, () => oneOf(random, GRAMMAR)).join('')}`,
    );
  return mutated(random, validStream(random).bytes);
}

function mutated(random: Random, valid: Buffer): Buffer {
  let bytes = Buffer.from(valid);
  for (let left = 1 + upTo(random, 4); left > 0; left--) {
    const at = upTo(random, bytes.length);
    const kind = random();
    if (kind < 0.4) bytes[at] = oneOf(random, [0, 10, 13, 58, 92, 255, upTo(random, 256)]);
    else if (kind < 0.6) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + upTo(random, 5))]);
    else if (kind < 0.8) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 9))]);
    else bytes = bytes.subarray(0, at + 1);
  }
  return bytes;
}

/** Cuts bytes at random places: at a few, at many, or around every byte; every piece has memory of its own, as chunks of a socket have. */
export function split(random: Random, bytes: Buffer): Buffer[] {
  const longest = oneOf(random, [1, 4, 20, 20, 100, 100, 500, 500, 5000, 5000]);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + upTo(random, longest));
    chunks.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return chunks;
}
