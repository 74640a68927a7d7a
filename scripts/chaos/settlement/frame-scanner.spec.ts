import { expect, it } from 'vitest';

import { FrameScanner } from './frame-scanner.js';

const commands = (scanner: FrameScanner, text: string) => scanner.push(Buffer.from(text)).map(({ command }) => command);

it('cuts at the ends of frames, wherever the bytes are split', () => {
  const scanner = new FrameScanner();
  expect(commands(scanner, 'BEGIN\ntransaction:1\n\n\0SEND\ndest')).toEqual(['BEGIN']);
  expect(commands(scanner, 'ination:/queue/a\n\nbody\0\nACK\nid:1\n\n\0')).toEqual(['SEND', 'ACK']);
});

it('passes heart-beats on at once', () => {
  expect(commands(new FrameScanner(), '\n')).toEqual([undefined]);
});

it('loses no byte', () => {
  const scanner = new FrameScanner();
  const text = '\nACK\nid:1\n\n\0\n\nSEND\n\nx\0\n';
  const pieces = Array.from(Buffer.from(text)).flatMap((byte) => scanner.push(Buffer.of(byte)));
  expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString()).toBe(text);
});
