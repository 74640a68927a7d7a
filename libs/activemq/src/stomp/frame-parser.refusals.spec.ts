import { describe, expect, it } from 'vitest';
import { StompProtocolError } from '../errors/index.js';
import { framesOf, recordingParser, refusalsOf } from './frame-parser.fixture.js';

const LIMITS = { maxHeaderLength: 20, maxHeaders: 3, maxBodyLength: 10 };

describe('FrameParser refuses', () => {
  it.each([
    ['a content-length with a tail', 'MESSAGE\ncontent-length:4junk\n\nabcd\0', /invalid content-length: "4junk"/],
    ['a negative content-length', 'MESSAGE\ncontent-length:-1\n\n\0', /invalid content-length: "-1"/],
    ['an empty content-length', 'MESSAGE\ncontent-length:\n\n\0', /invalid content-length: ""/],
    ['a content-length of another notation', 'MESSAGE\ncontent-length:0x10\n\n\0', /invalid content-length/],
    ['a fractional content-length', 'MESSAGE\ncontent-length:1.0\n\n\0', /invalid content-length/],
    [
      'a huge content-length',
      `MESSAGE\ncontent-length:${'9'.repeat(400)}\n\n\0`,
      /declares a body of .* above the limit of 105906176 bytes/,
    ],
    ['a body longer than its content-length', 'MESSAGE\ncontent-length:2\n\nabc\0', /longer than its content-length of 2/],
    ['an unknown command', 'HELLO\n\n\0', /does not speak STOMP: it sent "H/],
    ['a command in lower case', 'message\n\n\0', /does not speak STOMP/],
    ['a command with a space before it', ' SEND\n\n\0', /does not speak STOMP/],
    ['a command that goes on after a known one', 'SENDER\n\n\0', /does not speak STOMP: it sent "SENDE/],
    ['a lone CR between frames', '\rSEND\n\n\0', /does not speak STOMP/],
    ['a NUL between frames', 'SEND\n\n\0\0', /does not speak STOMP/],
  ])('%s', (_what, bytes, message) => {
    for (const refusal of refusalsOf(bytes)) expect(refusal).toMatch(message);
  });

  it('another protocol with its first bytes, whether a line end comes or not', () => {
    for (const greeting of ['HTTP/1.1 400 Bad Request', 'AMQP', '* OK IMAP4rev1', 'SSH-2.0', '\x7f'.repeat(70_000)]) {
      for (const refusal of refusalsOf(greeting)) expect(refusal).toMatch(/does not speak STOMP/);
    }
    const { parser } = recordingParser();
    expect(() => parser.push(Buffer.from('H'))).toThrow(StompProtocolError);
  });

  it('a TLS alert, and says what to do', () => {
    expect(refusalsOf(Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46]))[0]).toMatch(/looks like TLS: use a stomp\+ssl:\/\/ URI/);
  });

  it('an OpenWire greeting, and says what to do', () => {
    const greeting = Buffer.concat([Buffer.from([0, 0, 1, 10, 1]), Buffer.from('ActiveMQ'), Buffer.alloc(254)]);
    for (const refusal of refusalsOf(greeting)) expect(refusal).toMatch(/speaks OpenWire.*61613/);
    for (const refusal of refusalsOf('\0\0\0\x10\x02ActiveMQ')) expect(refusal).toMatch(/does not speak STOMP/);
  });

  it('with the same error for ever, and forgets what it had', () => {
    const { parser, frames } = recordingParser();
    const first = thrown(() => parser.push(Buffer.from('SEND\n\n1\0BAD\nSEND\n\n2\0')));
    expect(first).toBeInstanceOf(StompProtocolError);
    expect(thrown(() => parser.push(Buffer.from('SEND\n\n3\0')))).toBe(first);
    expect(thrown(() => parser.push(Buffer.alloc(0)))).toBe(first);
    expect(frames.map((frame) => frame.body.toString())).toEqual(['1']);
  });

  it('and never shows more than a few characters of a peer, nor its control characters', () => {
    const [message] = refusalsOf(`MESSAGE\ncontent-length:\x1b[2J${'x'.repeat(9000)}\n\n\0`);
    expect(message.length).toBeLessThan(150);
    expect(message).not.toContain('\x1b');
  });
});

describe('the limits of FrameParser', () => {
  it('take a header line, a number of headers and a body that just fit', () => {
    const line = `a:${'x'.repeat(18)}`;
    const frames = framesOf(
      `MESSAGE\r\n${line}\r\nb:1\r\nb:2\r\n\r\n${'y'.repeat(10)}\0MESSAGE\ncontent-length:10\n\n${'z'.repeat(10)}\0`,
      {
        limits: LIMITS,
      },
    );
    expect(frames.map((frame) => frame.body.toString())).toEqual(['y'.repeat(10), 'z'.repeat(10)]);
  });

  it.each([
    ['a longer header line', `MESSAGE\na:${'x'.repeat(19)}\n\n\0`, /longer than 20 bytes/],
    ['a longer header line that ends in CRLF', `MESSAGE\r\na:${'x'.repeat(19)}\r\n\r\n\0`, /longer than 20 bytes/],
    ['a header line that is longer in bytes than in characters', `MESSAGE\na:${'é'.repeat(10)}\n\n\0`, /longer than 20 bytes/],
    ['a header line that never ends', `MESSAGE\na:${'x'.repeat(30)}`, /longer than 20 bytes/],
    ['more headers', 'MESSAGE\na:1\nb:1\nc:1\nd:1\n', /more than 3 headers/],
    ['more headers of one name', 'MESSAGE\na:1\na:1\na:1\na:1\n', /more than 3 headers/],
    ['a longer body', 'MESSAGE\n\n01234567890', /has a body above the limit of 10 bytes/],
    ['a longer body that is announced', 'MESSAGE\ncontent-length:11\n\n', /declares a body of "11" bytes above the limit of 10 bytes/],
  ])('refuse %s', (_what, bytes, message) => {
    for (const refusal of refusalsOf(bytes, { limits: LIMITS })) expect(refusal).toMatch(message);
  });

  it('let header lines of 10 KiB and 1000 headers, which ActiveMQ lets pass, pass by default', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `h${i}`);
    const [frame] = framesOf(`MESSAGE\nbig:${'x'.repeat(10 * 1024 - 4)}\n${names.map((name) => `${name}:v\n`).join('')}\n\0`);
    expect(frame?.headers['big']).toHaveLength(10 * 1024 - 4);
    expect(names.every((name) => frame?.headers[name] === 'v')).toBe(true);
  });
});

function thrown(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
