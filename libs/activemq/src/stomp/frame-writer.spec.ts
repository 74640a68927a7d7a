import { describe, expect, it } from 'vitest';
import { IllegalFrameError } from '../errors/index.js';
import { assertWithinBrokerLimits, encodeFrame } from './frame-writer.js';

const KIB = 1024;
const wire = (...frame: Parameters<typeof encodeFrame>) => Buffer.concat(encodeFrame(...frame)).toString();

describe('encodeFrame', () => {
  it('writes command, headers, content-length, body and NUL into one Buffer', () => {
    const buffers = encodeFrame('SEND', { destination: '/queue/a', persistent: 'true' }, Buffer.from('hello'));
    expect(buffers).toHaveLength(1);
    expect(buffers[0]?.toString()).toBe('SEND\ndestination:/queue/a\npersistent:true\ncontent-length:5\n\nhello\0');
  });

  it('writes no content-length without a body', () => {
    expect(wire('ACK', { id: '1' })).toBe('ACK\nid:1\n\n\0');
    expect(wire('SEND', { destination: 'a' }, Buffer.alloc(0))).toBe('SEND\ndestination:a\n\n\0');
  });

  it('counts the body in bytes and overrides what the caller says', () => {
    expect(wire('SEND', { 'content-length': '1', a: 'b' }, Buffer.from('漢'))).toBe('SEND\na:b\ncontent-length:3\n\n漢\0');
  });

  it('leaves out headers that are undefined, and keeps empty ones', () => {
    expect(wire('SEND', { a: undefined, b: '' })).toBe('SEND\nb:\n\n\0');
  });

  it('escapes names and values', () => {
    expect(wire('SEND', { 'a:b': 'c\nd\r\\e:' })).toBe('SEND\na\\cb:c\\nd\\r\\\\e\\c\n\n\0');
  });

  it('writes CONNECT as it is, and refuses what would add a header to it', () => {
    expect(wire('CONNECT', { passcode: 'a:b\\c' })).toBe('CONNECT\npasscode:a:b\\c\n\n\0');
    for (const headers of [{ passcode: 'a\nlogin:root' }, { passcode: 'a\r' }, { 'a:b': 'c' }, { 'a\nb': 'c' }]) {
      expect(() => encodeFrame('CONNECT', headers)).toThrow(IllegalFrameError);
    }
  });

  it('does not show a passcode that it refuses', () => {
    expect(() => encodeFrame('CONNECT', { passcode: 'secret\n' })).toThrow(/^(?!.*secret).*"passcode"/);
    expect(() => encodeFrame('CONNECT', { passcode: 'secret'.repeat(2000) })).toThrow(/^(?!.*secret).*"passcode"/);
  });

  it('never copies a body above 8 KiB', () => {
    const small = Buffer.alloc(8 * KIB);
    const large = Buffer.alloc(8 * KIB + 1);
    expect(encodeFrame('SEND', {}, small)).toHaveLength(1);
    const [head, body, end, ...more] = encodeFrame('SEND', {}, large);
    expect(head?.toString()).toBe(`SEND\ncontent-length:${large.length}\n\n`);
    expect(body).toBe(large);
    expect(end).toEqual(Buffer.from([0]));
    expect(more).toEqual([]);
  });

  it.each(['', 'send', 'SEND\nreceipt:1', 'GET / HTTP/1.1'])('refuses %j as a command', (command) => {
    expect(() => encodeFrame(command, {})).toThrow(/is no STOMP command/);
  });

  it('refuses a header without a name', () => {
    expect(() => encodeFrame('SEND', { '': 'x' })).toThrow(/header without a name/);
  });

  it('takes headers that Object.prototype has too', () => {
    const headers = Object.create(null) as Record<string, string>;
    headers['__proto__'] = 'a';
    headers['hasOwnProperty'] = 'b';
    expect(wire('SEND', headers)).toBe('SEND\n__proto__:a\nhasOwnProperty:b\n\n\0');
  });
});

describe('the limits of the broker', () => {
  const lineOf = (bytes: number) => ({ h: 'x'.repeat(bytes - 2) });
  const manyHeaders = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`h${i}`, 'v']));

  it('let a header line of 10 KiB pass and refuse a longer one by its name', () => {
    expect(() => assertWithinBrokerLimits('SEND', lineOf(10 * KIB))).not.toThrow();
    expect(() => assertWithinBrokerLimits('SEND', lineOf(10 * KIB + 1))).toThrow(/header "h" of a SEND frame is 10241 bytes long/);
    expect(() => encodeFrame('SEND', lineOf(10 * KIB + 1))).toThrow(IllegalFrameError);
  });

  it('count bytes as they stand on the wire', () => {
    expect(() => encodeFrame('SEND', { h: '漢'.repeat(3412) })).not.toThrow();
    expect(() => encodeFrame('SEND', { h: '漢'.repeat(3413) })).toThrow(/10241 bytes/);
    expect(() => encodeFrame('SEND', { h: ':'.repeat(5120) })).toThrow(/10242 bytes/);
  });

  it('let 1000 headers pass, content-length included, and refuse more', () => {
    expect(() => encodeFrame('SEND', manyHeaders(1000))).not.toThrow();
    expect(() => encodeFrame('SEND', manyHeaders(999), Buffer.from('x'))).not.toThrow();
    expect(() => encodeFrame('SEND', manyHeaders(1001))).toThrow(/more than 1000 headers/);
    expect(() => encodeFrame('SEND', manyHeaders(1000), Buffer.from('x'))).toThrow(/more than 1000 headers/);
    expect(() => encodeFrame('SEND', { ...manyHeaders(1000), other: undefined })).not.toThrow();
  });
});
