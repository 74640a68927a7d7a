import { describe, expect, it } from 'vitest';

import { ConfigurationError, MessageConversionError } from '../errors/index.js';
import { stompHeaders } from '../stomp/frame.js';
import { ContentTypeMessageConverter } from './content-type-message-converter.js';
import { DefaultMessageConverter } from './default-message-converter.js';
import { JmsMessage } from './jms-message.js';
import type { MessageConverter } from './message-converter.js';
import { createOutgoingMessage } from './outgoing-message.js';

/** Says its name. */
const naming = (name: string): MessageConverter => ({
  toMessage: (payload) => ({
    body: Buffer.from(`${name}(${String(payload)})`),
    isText: true,
    contentType: 'text/x-of-converter',
    headers: { by: name },
  }),
  fromMessage: (message) => `${name}(${message.text()})`,
});
const read = (converter: MessageConverter, contentType?: string) =>
  converter.fromMessage(
    new JmsMessage(
      { command: 'MESSAGE', headers: stompHeaders({ 'message-id': 'ID:1', 'content-type': contentType }), body: Buffer.from('x') },
      { convert: () => undefined },
    ),
  );
const converter = new ContentTypeMessageConverter(
  { 'application/xml': naming('xml'), 'image/*': naming('image'), 'image/svg+xml': naming('svg') },
  naming('other'),
);

describe('ContentTypeMessageConverter', () => {
  it.each([
    ['application/xml', 'xml(x)'],
    ['Application/XML; charset=utf-8', 'xml(x)'],
    ['image/png', 'image(x)'],
    ['image/svg+xml', 'svg(x)'],
    ['text/plain', 'other(x)'],
    ['constructor', 'other(x)'],
    ['', 'other(x)'],
    [undefined, 'other(x)'],
  ])('reads %j by %s', (contentType, payload) => {
    expect(read(converter, contentType)).toBe(payload);
  });

  it('writes by the content type that is sent with the payload', () => {
    const send = (headers?: Record<string, string>) => createOutgoingMessage('orders', 7, { headers }, { converter, pubSubDomain: false });
    expect(send({ 'content-type': 'application/xml' })).toMatchObject({
      body: Buffer.from('xml(7)'),
      headers: { 'content-type': 'application/xml', by: 'xml' },
    });
    expect(send({ by: 'me' })).toMatchObject({
      body: Buffer.from('other(7)'),
      headers: { 'content-type': 'text/x-of-converter', by: 'me' },
    });
  });

  it('cannot convert what has no converter, when there is none to fall back to', () => {
    const strict = new ContentTypeMessageConverter({ 'application/json': new DefaultMessageConverter() });
    expect(() => read(strict, 'text/plain')).toThrow(MessageConversionError);
    expect(() => read(strict, 'text/plain')).toThrow('Message ID:1 of type "text/plain" has no converter; the types are application/json');
    expect(() => read(strict)).toThrow('Message ID:1 without a content type has no converter');
    expect(() => strict.toMessage({})).toThrow('A payload without a content type has no converter');
  });

  it('refuses a key that is no media type, and a converter that is none', () => {
    expect(() => new ContentTypeMessageConverter({ xml: naming('xml') })).toThrow(ConfigurationError);
    expect(() => new ContentTypeMessageConverter({ xml: naming('xml') })).toThrow("'xml' is no media type");
    expect(() => new ContentTypeMessageConverter({ 'a/b': undefined as unknown as MessageConverter })).toThrow(
      "`delegates['a/b']` must be an object",
    );
    expect(() => new ContentTypeMessageConverter({ 'a/b': {} as MessageConverter })).toThrow(
      "`delegates['a/b']` has no method toMessage()",
    );
    expect(() => new ContentTypeMessageConverter({}, {} as MessageConverter)).toThrow('`fallback` has no method toMessage()');
  });
});
