import { describe, expect, it } from 'vitest';

import { ConfigurationError, MessageConversionError } from '../errors/index.js';
import { stompHeaders } from '../stomp/frame.js';
import { DefaultMessageConverter } from './default-message-converter.js';
import { JmsMessage } from './jms-message.js';
import { JsonMessageConverter } from './json-message-converter.js';

class Order {
  constructor(readonly id: number) {}
  get label(): string {
    return `order ${this.id}`;
  }
}
class Rush extends Order {}

const options = { typeIdPropertyName: '_type', typeIdMappings: { order: Order, rush: Rush, 'com.shop.Order': Order } };
const converter = new JsonMessageConverter(options);
const message = (body: string | Buffer, headers: Record<string, string> = {}) =>
  new JmsMessage(
    { command: 'MESSAGE', headers: stompHeaders({ 'message-id': 'ID:1', ...headers }), body: Buffer.from(body as string) },
    { convert: () => undefined },
  );

describe('writing', () => {
  it.each([
    ['a class that is mapped', new Order(7), { _type: 'order' }],
    ['its subclass, under its own name', new Rush(7), { _type: 'rush' }],
    ['a plain object', { id: 7 }, undefined],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { id: 7 }), undefined],
    ['a text', 'hello', undefined],
    ['null', null, undefined],
  ])('%s: the header names mapped classes only', (_, payload, headers) => {
    const converted = converter.toMessage(payload);
    expect([converted.body.toString(), converted.isText, converted.contentType, converted.headers]).toEqual([
      JSON.stringify(payload),
      true,
      'application/json',
      headers,
    ]);
  });

  it('sends an instance that holds nothing when the header names its class, and no other one', () => {
    class Ping {}
    const named = new JsonMessageConverter({ typeIdPropertyName: '_type', typeIdMappings: { ping: Ping } });
    expect(named.toMessage(new Ping())).toMatchObject({ body: Buffer.from('{}'), headers: { _type: 'ping' } });
    expect(() => named.toMessage({ ping: new Ping() })).toThrow(/holds a Ping, of which JSON keeps nothing/);
    expect(() => converter.toMessage(new Ping())).toThrow(MessageConversionError);
  });

  it('makes a BytesMessage when told to, as Spring does by default', () => {
    expect(new JsonMessageConverter({ targetType: 'bytes' }).toMessage({}).isText).toBe(false);
  });

  it('refuses bytes: they are no JSON', () => {
    for (const bytes of [Buffer.from('x'), new ArrayBuffer(1)]) expect(() => converter.toMessage(bytes)).toThrow(MessageConversionError);
  });
});

describe('reading', () => {
  it('makes an instance of the class that the header names', () => {
    const order = converter.fromMessage(message('{"id":7}', { _type: 'com.shop.Order' }));
    expect(order).toBeInstanceOf(Order);
    expect((order as Order).label).toBe('order 7');
  });

  it.each(['unknown', 'constructor', '__proto__', 'toString', 'java.lang.Runtime', 'Order', ''])(
    'finds no class under the name %j',
    (name) => {
      expect(Object.getPrototypeOf(converter.fromMessage(message('{"id":7}', { _type: name })))).toBe(Object.prototype);
    },
  );

  it('reads every body as JSON, whatever type it has, as a Java BytesMessage has none', () => {
    expect(converter.fromMessage(message('"x"', { 'content-length': '3' }))).toBe('x');
    expect(converter.fromMessage(message('7', { 'content-type': 'text/plain' }))).toBe(7);
    expect(() => converter.fromMessage(message('hello'))).toThrow('Message ID:1 is taken for JSON, but its body is not JSON');
  });

  it.each(['[{"id":7}]', '7', 'null', '"x"'])('refuses %s as an instance of a class', (body) => {
    expect(() => converter.fromMessage(message(body, { _type: 'order' }))).toThrow(
      "Message ID:1 says it is of type 'order' (Order), but its body is no JSON object",
    );
  });
});

describe('options', () => {
  it.each([
    [{ typeIdPropertyName: 'message-id' }, /cannot be 'message-id': it belongs to the protocol/],
    [{ typeIdPropertyName: 'priority' }, /use the option `priority`/],
    [{ typeIdPropertyName: '' }, /`typeIdPropertyName` must be a text/],
    [{ typeIdMappings: { order: Order } }, /needs `typeIdPropertyName`/],
    [{ typeIdPropertyName: '_type', typeIdMappings: { order: 'Order' } }, /`typeIdMappings\['order'\]` must be a function/],
    [{ targetType: 'map' }, /`targetType` is "map"; it must be one of text, bytes/],
    [{ typeIdProperty: '_type' }, /Did you mean `typeIdPropertyName`/],
  ])('%j are an error', (given, why) => {
    const make = () => new JsonMessageConverter(given as ConstructorParameters<typeof JsonMessageConverter>[0]);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(why);
  });
});

describe('DefaultMessageConverter with type ids', () => {
  const byType = new DefaultMessageConverter(options);

  it('writes them for JSON, and leaves text and bytes alone', () => {
    expect([byType.toMessage(new Order(7)).headers, byType.toMessage('x').headers, byType.toMessage(Buffer.from('x')).headers]).toEqual([
      { _type: 'order' },
      undefined,
      undefined,
    ]);
  });

  it('takes what names a type for JSON: Spring sends a BytesMessage without a content type', () => {
    expect(byType.fromMessage(message('{"id":7}', { 'content-length': '8', _type: 'order' }))).toBeInstanceOf(Order);
    expect(byType.fromMessage(message('{"id":7}', { 'content-length': '8', _type: 'com.shop.Unknown' }))).toEqual({ id: 7 });
    expect(byType.fromMessage(message('{"id":7}', { 'content-length': '8' }))).toEqual(Buffer.from('{"id":7}'));
    expect(() => byType.fromMessage(message('{', { _type: 'order' }))).toThrow(
      'Message ID:1 names its JSON type, but its body is not JSON',
    );
  });

  it("takes what has Spring's usual header for JSON without being told, and knows no class by it", () => {
    const converter = new DefaultMessageConverter();
    const read = (body: string, headers: Record<string, string>) =>
      converter.fromMessage(message(body, { _type: 'com.shop.Order', ...headers }));
    const order = read('{"id":7}', { 'content-length': '8' });
    expect(order).toEqual({ id: 7 });
    expect(Object.getPrototypeOf(order)).toBe(Object.prototype);
    expect(read('"text"', {})).toBe('text');
    expect(() => read('{', { 'content-length': '1' })).toThrow('Message ID:1 names its JSON type in `_type`, but its body is not JSON');
    expect(read('{', { 'content-type': 'text/plain' })).toBe('{');
    expect(read('{', { 'content-type': 'application/octet-stream', 'content-length': '1' })).toEqual(Buffer.from('{'));
  });
});

describe('hostile JSON', () => {
  it('gets no prototype of its choice: __proto__ is a property like any other, in an instance too', () => {
    const order = converter.fromMessage(
      message('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},"id":7}', { _type: 'order' }),
    ) as Record<string, unknown>;
    expect(order['isAdmin']).toBeUndefined();
    expect(Object.getPrototypeOf(order)).toBe(Order.prototype);
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });

  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  it.each([
    ['1000 levels', nested(1_000)],
    ['brackets in a string', JSON.stringify('[\\"{'.repeat(2_000))],
    ['brackets behind an escaped quote', JSON.stringify({ a: `"${'['.repeat(2_000)}` })],
    ['many brackets side by side', `[${'[],'.repeat(5_000)}[]]`],
  ])('is read with %s', (_, body) => {
    expect(converter.fromMessage(message(body))).toEqual(JSON.parse(body));
  });

  it.each([
    ['1001 levels', nested(1_001)],
    ['5 million levels', nested(5_000_000)],
    ['a million levels, never closed', '{"a":'.repeat(1_000_000)],
  ])('is refused with %s', (_, body) => {
    expect(() => converter.fromMessage(message(body))).toThrow('Message ID:1 is JSON nested deeper than 1000 levels');
  });

  it('of 10 MB is read, or refused without being quoted', () => {
    const many = JSON.stringify({ orders: Array.from({ length: 200_000 }, (_, id) => ({ id, name: `größe ${id}`, tags: ['a', 'b'] })) });
    expect(many.length).toBeGreaterThan(10_000_000);
    expect((converter.fromMessage(message(many)) as { orders: unknown[] }).orders).toHaveLength(200_000);
    let thrown: unknown;
    try {
      converter.fromMessage(message(many.slice(0, -1)));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(MessageConversionError);
    expect((thrown as Error).message.length).toBeLessThan(200);
  });
});
