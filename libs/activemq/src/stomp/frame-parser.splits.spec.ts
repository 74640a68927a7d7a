import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordingParser } from './frame-parser.fixture.js';
import { encodeFrame } from './frame-writer.js';
import { fuzzHostile, fuzzValid } from './frame-fuzz.fixture.js';
import { seeded } from './frame-stream.fixture.js';

/** Enough for some 200,000 split points; `scripts/fuzz-parser.ts` runs the same rounds for longer. */
const ROUNDS = 300;

describe('FrameParser, however a stream is split', () => {
  it('gives the same frames of a valid stream', () => {
    for (let seed = 0; seed < ROUNDS; seed++) expect(fuzzValid(seeded(seed)).frames).toBeGreaterThan(0);
  });

  it('gives frames or a StompProtocolError of any bytes, the same ones in every split', () => {
    const rounds = Array.from({ length: ROUNDS }, (_, seed) => fuzzHostile(seeded(seed)));
    expect(rounds.some((round) => round.refused > 0)).toBe(true);
    expect(rounds.some((round) => round.frames > 0)).toBe(true);
  });

  it('reads back what encodeFrame wrote', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    const headers = fc.dictionary(
      text.filter((name) => name !== 'content-length'),
      text,
      { noNullPrototype: false },
    );
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 20_000 }), fc.nat(), (given, bytes, seed) => {
        const body = Buffer.from(bytes);
        const wire = Buffer.concat(encodeFrame('SEND', given, body));
        const at = seed % wire.length;
        const { parser, frames } = recordingParser();
        parser.push(Buffer.from(wire.subarray(0, at)));
        parser.push(Buffer.from(wire.subarray(at)));
        const [frame] = frames;
        const { 'content-length': length, ...others } = { ...frame?.headers };
        expect(length).toBe(body.length === 0 ? undefined : String(body.length));
        expect(others).toEqual({ ...given });
        expect(frame?.body.equals(body)).toBe(true);
      }),
    );
  });
});

describe('FrameParser and large bodies', () => {
  const CHUNK = 64 * 1024;
  const body = Buffer.alloc(64 * 1024 * 1024, 'a body without NUL, ');

  it.each([
    ['with content-length', `MESSAGE\ncontent-length:${body.length}\n\n`],
    ['without content-length', 'MESSAGE\n\n'],
  ])('takes 64 MiB %s in chunks of 64 KiB at a linear cost', (_what, head) => {
    const { parser, frames } = recordingParser();
    parser.push(Buffer.from(head));
    for (let at = 0; at < body.length; at += CHUNK) parser.push(body.subarray(at, at + CHUNK));
    parser.push(Buffer.from([0]));
    // Compared by digest: on a failure 64 MiB must not be printed. Copied per chunk, these would be 32 GiB and the test's time-out.
    expect(frames[0]?.body.length).toBe(body.length);
    expect(sha(frames[0]?.body)).toBe(sha(body));
    expect(parser.idle).toBe(true);
  });

  it('takes 64 MiB in one chunk without a copy', () => {
    const wire = Buffer.concat([Buffer.from('MESSAGE\n\n'), body, Buffer.from([0])]);
    expect(framesInPlace(wire)[0]?.buffer === wire.buffer).toBe(true);
  });

  it('allocates as bytes arrive, not as a peer announces them', () => {
    const parsers = Array.from({ length: 100 }, () => recordingParser().parser);
    const before = process.memoryUsage().arrayBuffers;
    for (const parser of parsers) parser.push(Buffer.from('MESSAGE\ncontent-length:104857600\n\nx'));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 1024 * 1024);
    expect(parsers.some((parser) => parser.idle)).toBe(false);
  });

  it('does not keep a network chunk alive for a small body', () => {
    const chunk = Buffer.concat([Buffer.from('MESSAGE\n\nsmall\0\n'), Buffer.alloc(CHUNK, '\n')]);
    const [body] = framesInPlace(chunk);
    expect(body?.toString()).toBe('small');
    expect(body?.buffer).not.toBe(chunk.buffer);
    expect(body?.buffer.byteLength).toBeLessThan(CHUNK);
  });

  it('hands out bodies that later frames do not write to', () => {
    const { parser, frames } = recordingParser();
    for (const letter of ['a', 'b', 'c']) {
      const wire = Buffer.from(`MESSAGE\n\n${letter.repeat(3000)}\0MESSAGE\ncontent-length:3000\n\n${letter.repeat(3000)}\0`);
      for (let at = 0; at < wire.length; at += 500) parser.push(Buffer.from(wire.subarray(at, at + 500)));
    }
    expect(frames.map((frame) => frame.body.toString())).toEqual(['a', 'a', 'b', 'b', 'c', 'c'].map((letter) => letter.repeat(3000)));
  });

  function framesInPlace(chunk: Buffer): Buffer[] {
    const { parser, frames } = recordingParser();
    parser.push(chunk);
    return frames.map((frame) => frame.body);
  }

  function sha(bytes: Buffer | undefined): string {
    return createHash('sha1')
      .update(bytes ?? '')
      .digest('hex');
  }
});
