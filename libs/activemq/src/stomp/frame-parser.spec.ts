import { describe, expect, it } from 'vitest';
import { framesOf, recordingParser } from './frame-parser.fixture.js';
import { FrameParser } from './frame-parser.js';

const MESSAGE = 'MESSAGE\ndestination:/queue/a\n\nhello\0';

describe('FrameParser', () => {
  it('reads a frame with headers and a body', () => {
    const [frame, ...more] = framesOf(MESSAGE);
    expect(frame?.command).toBe('MESSAGE');
    expect(Object.entries(frame?.headers ?? {})).toEqual([['destination', '/queue/a']]);
    expect(frame?.body.toString()).toBe('hello');
    expect(more).toEqual([]);
  });

  it('reads CRLF ends of line, and keeps the bytes of the body', () => {
    const [frame] = framesOf('MESSAGE\r\na:b\r\n\r\nx\r\n\r\ny\0');
    expect(frame?.headers['a']).toBe('b');
    expect(frame?.body.toString()).toBe('x\r\n\r\ny');
  });

  it('strips one CR of a line and no more', () => {
    expect(framesOf('MESSAGE\na:b\r\r\n\n\0')[0]?.headers['a']).toBe('b\r');
  });

  it('reads a body of content-length bytes, NULs included', () => {
    const [first, second] = framesOf('MESSAGE\ncontent-length:5\n\na\0b\0c\0\nRECEIPT\nreceipt-id:1\n\n\0');
    expect(first?.body).toEqual(Buffer.from('a\0b\0c'));
    expect(second?.headers['receipt-id']).toBe('1');
  });

  it('ends a body without content-length at the first NUL', () => {
    expect(framesOf('ERROR\n\na\n\nb\0\nRECEIPT\n\n\0').map((frame) => frame.body.toString())).toEqual(['a\n\nb', '']);
  });

  it('passes over a header line without a colon: a property name with a line break must not kill the consumer', () => {
    const [frame] = framesOf('MESSAGE\nfirst:1\ntorn\nlast:2\n\nbody\0');
    expect({ ...frame?.headers }).toEqual({ first: '1', last: '2' });
    expect(frame?.body.toString()).toBe('body');
  });

  it('takes the first of a repeated header, and of a repeated content-length', () => {
    const [frame] = framesOf('MESSAGE\ncontent-length:2\na:1\na:2\ncontent-length:9\n\nxy\0');
    expect(frame?.headers['a']).toBe('1');
    expect(frame?.body.toString()).toBe('xy');
  });

  it.each(['__proto__', 'hasOwnProperty', 'constructor', 'toString', 'valueOf'])('takes %s as a header like any other', (name) => {
    const { parser, frames } = recordingParser();
    parser.push(Buffer.from(`MESSAGE\n${name}:polluted\n${name}:again\n\n\0MESSAGE\n\n\0`));
    expect(Object.entries(frames[0]?.headers ?? {})).toEqual([[name, 'polluted']]);
    expect(frames[1]?.headers[name]).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('decodes names and values of every frame but CONNECT, STOMP and CONNECTED', () => {
    const frames = framesOf('CONNECTED\na:x\\cy\n\n\0MESSAGE\na\\cb:x\\cy:z\\\\\n\n\0');
    expect(frames[0]?.headers['a']).toBe('x\\cy');
    expect(frames[1]?.headers['a:b']).toBe('x:y:z\\');
  });

  it('joins a UTF-8 character that is split over chunks in a header and in a body', () => {
    const bytes = Buffer.from('MESSAGE\ngröße-😀:漢€\n\n漢€😀\0');
    const { parser, frames } = recordingParser();
    for (const byte of bytes) parser.push(Buffer.from([byte]));
    expect(frames[0]?.headers['größe-😀']).toBe('漢€');
    expect(frames[0]?.body.toString()).toBe('漢€😀');
  });

  it('counts content-length in bytes, not in characters', () => {
    expect(framesOf('MESSAGE\ncontent-length:6\n\n漢€\0')[0]?.body.toString()).toBe('漢€');
  });

  it('reports ends of line between frames as signs of life, a flood of them once', () => {
    const { parser, frames, heartBeats } = recordingParser();
    parser.push(Buffer.from('\n'));
    parser.push(Buffer.from('\r\n'));
    expect(heartBeats()).toBe(2);
    parser.push(Buffer.from('\n'.repeat(10_000)));
    expect(heartBeats()).toBe(3);
    parser.push(Buffer.from(MESSAGE));
    expect(heartBeats()).toBe(3);
    expect(frames).toHaveLength(1);
  });

  it('is idle between frames only', () => {
    const { parser, frames } = recordingParser();
    const idleAfter = ['', '\n', 'MES', 'SAGE\n', 'a:b\ncontent-length:3\n', '\n', 'x', 'yz', '\0', '\n', '\r'].map((text) => {
      parser.push(Buffer.from(text));
      return parser.idle;
    });
    expect(idleAfter).toEqual([true, true, false, false, false, false, false, false, true, true, false]);
    expect(frames).toHaveLength(1);
  });

  describe('when the callback throws', () => {
    const three = Buffer.from('SEND\n\n1\0\nSEND\n\n2\0\nSEND\n\n3\0');

    it('throws that error, and the next push delivers what followed, nothing lost and nothing twice', () => {
      const seen: string[] = [];
      const throwing = parserOfBodies((body) => {
        seen.push(body);
        if (body === '1') throw new Error('handler');
      });
      expect(() => throwing.push(three)).toThrow('handler');
      expect(seen).toEqual(['1']);
      expect(throwing.idle).toBe(false);
      throwing.push(Buffer.from('\nSEND\n\n4\0'));
      expect(seen).toEqual(['1', '2', '3', '4']);
      expect(throwing.idle).toBe(true);
    });

    it('keeps the order when it throws again and again', () => {
      const seen: string[] = [];
      const throwing = parserOfBodies((body) => {
        seen.push(body);
        throw new Error(body);
      });
      expect(() => throwing.push(three)).toThrow('1');
      expect(() => throwing.push(Buffer.from('SEND\n\n4\0'))).toThrow('2');
      expect(() => throwing.push(Buffer.alloc(0))).toThrow('3');
      expect(() => throwing.push(Buffer.alloc(0))).toThrow('4');
      throwing.push(Buffer.alloc(0));
      expect(seen).toEqual(['1', '2', '3', '4']);
    });
  });

  it('parses what a callback pushes after what it is parsing', () => {
    const seen: string[] = [];
    const parser = parserOfBodies((body) => {
      seen.push(body);
      if (body === '1') parser.push(Buffer.from('SEND\n\n3\0'));
    });
    parser.push(Buffer.from('SEND\n\n1\0SEND\n\n2\0'));
    expect(seen).toEqual(['1', '2', '3']);
  });
});

function parserOfBodies(onBody: (body: string) => void): FrameParser {
  return new FrameParser((frame) => onBody(frame.body.toString()));
}
