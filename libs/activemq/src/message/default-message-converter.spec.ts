import { describe, expect, it } from 'vitest';

import { MessageConversionError } from '../errors/index.js';
import { stompHeaders } from '../stomp/frame.js';
import { DefaultMessageConverter } from './default-message-converter.js';
import { JmsMessage } from './jms-message.js';

const converter = new DefaultMessageConverter();
const read = (headers: Record<string, string>, body: string | Buffer) =>
  converter.fromMessage(
    new JmsMessage({ command: 'MESSAGE', headers: stompHeaders(headers), body: Buffer.from(body as string) }, { convert: () => undefined }),
  );

class Secret {
  readonly #id: number;
  constructor(id: number) {
    this.#id = id;
  }
  get id(): number {
    return this.#id;
  }
}

/** What it may hold is left out. */
class Partly {
  note: string | undefined = undefined;
}

describe('toMessage', () => {
  it.each([
    ['hello', 'hello', 'text/plain'],
    ['', '', 'text/plain'],
    ['größe 😀', 'größe 😀', 'text/plain'],
    [{ id: 7 }, '{"id":7}', 'application/json'],
    [[1, 2], '[1,2]', 'application/json'],
    [7, '7', 'application/json'],
    [true, 'true', 'application/json'],
    [null, 'null', 'application/json'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"', 'application/json'],
  ])('writes %j as text', (payload, text, contentType) => {
    const { body, isText, contentType: type } = converter.toMessage(payload);
    expect([body.toString(), isText, type]).toEqual([text, true, contentType]);
  });

  it.each([
    ['a Buffer', Buffer.from([0, 255, 10])],
    ['a Uint8Array', new Uint8Array([0, 255, 10])],
    ['a slice of a larger one', new Uint8Array([9, 0, 255, 10, 9]).subarray(1, 4)],
    ['an ArrayBuffer', new Uint8Array([0, 255, 10]).buffer],
    ['a DataView', new DataView(new Uint8Array([9, 0, 255, 10]).buffer, 1)],
  ])('writes %s as bytes', (_, payload) => {
    const { body, isText, contentType } = converter.toMessage(payload);
    expect([[...body], isText, contentType]).toEqual([[0, 255, 10], false, 'application/octet-stream']);
  });

  it.each([
    ['a Buffer', Buffer.alloc(3, 1)],
    ['a Uint8Array', new Uint8Array([1, 1, 1])],
    ['an ArrayBuffer', new Uint8Array([1, 1, 1]).buffer],
  ])('copies %s: its owner may use the memory again before the message is sent, or sent again', (_, payload) => {
    const { body } = converter.toMessage(payload);
    new Uint8Array(
      payload instanceof ArrayBuffer ? payload : payload.buffer,
      payload instanceof ArrayBuffer ? 0 : payload.byteOffset,
      3,
    ).fill(2);
    expect([...body]).toEqual([1, 1, 1]);
  });

  it.each([
    ['undefined', undefined, /type undefined cannot be sent/],
    ['a function', () => 1, /type function cannot be sent/],
    ['a symbol', Symbol('x'), /type symbol cannot be sent/],
    ['a BigInt', 1n, /cannot be written as JSON.*BigInt/],
    ['a BigInt inside', { id: 1n }, /cannot be written as JSON.*BigInt/],
  ])('refuses %s', (_, payload, why) => {
    expect(() => converter.toMessage(payload)).toThrow(MessageConversionError);
    expect(() => converter.toMessage(payload)).toThrow(why);
  });

  it.each([
    ['a Map', new Map([['id', 7]]), /is or holds a Map, of which JSON keeps nothing; send Object\.fromEntries\(map\), or \[\.\.\.map\]/],
    ['a Map inside', { order: [{ lines: new Map([['id', 7]]) }] }, /holds a Map/],
    ['a Set', new Set([7]), /a Set.*send \[\.\.\.set\]/],
    ['a promise', Promise.resolve(7), /a Promise.*await it first/],
    ['bytes inside', { image: new ArrayBuffer(3) }, /an ArrayBuffer.*base64/],
    ['an error', new TypeError('x'), /is or holds a TypeError, of which JSON keeps nothing; send what tells of it, such as \{ message/],
    ['an error inside', { d: [new Error('x')] }, /an Error/],
    ['a regular expression', /a/, /a RegExp.*send its source/],
    ['a WeakMap inside', { d: new WeakMap() }, /a WeakMap.*send a plain object, or give its class a method toJSON\(\)/],
    ['an instance that shows nothing', { order: new Secret(7) }, /a Secret.*toJSON/],
    ['a view of bytes', { d: new DataView(new ArrayBuffer(3)) }, /a DataView/],
  ])('refuses %s, which would arrive empty', (_, payload, why) => {
    expect(() => converter.toMessage(payload)).toThrow(MessageConversionError);
    expect(() => converter.toMessage(payload)).toThrow(why);
  });

  it('leaves alone what says itself how it is written, and what is empty', () => {
    const written = Object.assign(new Map([['id', 7]]), { toJSON: () => ({ id: 7, more: {} }) });
    expect(converter.toMessage(written).body.toString()).toBe('{"id":7,"more":{}}');
    expect(converter.toMessage({ a: {}, b: '{}' }).body.toString()).toBe('{"a":{},"b":"{}"}');
    const empty = { a: Object.create(null) as unknown, b: new Number(7), c: new Uint8Array(0), d: new Date(0), e: [], f: new Partly() };
    expect(converter.toMessage(empty).body.toString()).toBe('{"a":{},"b":7,"c":{},"d":"1970-01-01T00:00:00.000Z","e":[],"f":{}}');
  });

  it('refuses a circular object', () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    expect(() => converter.toMessage(circular)).toThrow(/cannot be written as JSON/);
  });
});

describe('fromMessage', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.shop+json'])('reads %s', (type) => {
    expect(read({ 'content-type': type, 'content-length': '8' }, '{"id":7}')).toEqual({ id: 7 });
  });

  it.each(['', '{', 'undefined', '{"a":}', '\u0000'])('refuses the malformed JSON %j without quoting it', (body) => {
    const fail = () => read({ 'content-type': 'application/json', 'message-id': 'ID:1' }, body);
    expect(fail).toThrow(MessageConversionError);
    expect(fail).toThrow('Message ID:1 says it is application/json, but its body is not JSON');
  });

  it('reads text and bytes by their type', () => {
    expect(read({ 'content-type': 'text/plain', 'content-length': '3' }, '{a}')).toBe('{a}');
    expect(read({ 'content-type': 'application/octet-stream', 'content-length': '1' }, 'a')).toEqual(Buffer.from('a'));
  });

  it('reads what a Java peer sends: a TextMessage is JSON when it looks like it, a BytesMessage is a Buffer', () => {
    expect(read({}, '{"id":7}')).toEqual({ id: 7 });
    expect(read({}, ' [1]')).toEqual([1]);
    expect(read({}, '[not json')).toBe('[not json');
    expect(read({}, '7')).toBe('7');
    expect(read({ 'content-length': '8' }, '{"id":7}')).toEqual(Buffer.from('{"id":7}'));
    expect(read({ 'content-length': '8', 'amq-msg-type': 'text' }, '{"id":7}')).toEqual({ id: 7 });
  });

  it('keeps a key named __proto__ an own property', () => {
    const payload = read({}, '{"__proto__":{"isAdmin":true}}') as Record<string, unknown>;
    expect(payload['isAdmin']).toBeUndefined();
    expect(Object.keys(payload)).toEqual(['__proto__']);
  });
});
