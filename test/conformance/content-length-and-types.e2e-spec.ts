import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';
import { text } from './support/test-client.js';

describeOnEachBroker('content-length and message types', (broker) => {
  /** Sends head lines and body as they are; the message as a consumer gets it. */
  async function deliver(head: readonly string[], body: string | Buffer) {
    const queue = uniqueQueue();
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['SEND', `destination:${queue}`, ...head, 'receipt:r'], body);
    expect((await client.frames.next()).command).toBe('RECEIPT');
    const observer = await broker.client();
    const [message] = await observer.browse(queue);
    return message!;
  }

  it('makes a BytesMessage of a SEND with content-length, and delivers it with one', async () => {
    const { headers, body } = await deliver(['content-length:4'], 'a\0bc');
    expect([headers['content-length'], body.toString()]).toEqual(['4', 'a\0bc']);
  });

  it('makes a TextMessage of a SEND without content-length, and delivers it without one', async () => {
    const message = await deliver([], 'text');
    expect([Object.keys(message.headers).includes('content-length'), text(message)]).toEqual([false, 'text']);
  });

  it('echoes amq-msg-type:text, and still writes the content-length it was sent with', async () => {
    const message = await deliver(['content-length:4', 'amq-msg-type:text'], 'text');
    expect(message.headers).toMatchObject({ 'amq-msg-type': 'text', 'content-length': '4' });
  });

  it('echoes amq-msg-type:bytes, and writes a content-length without having been sent one', async () => {
    const message = await deliver(['amq-msg-type:bytes'], 'text');
    expect(message.headers).toMatchObject({ 'amq-msg-type': 'bytes', 'content-length': '4' });
  });

  it('counts the content-length in bytes, not characters', async () => {
    const message = await deliver(['content-length:5', 'amq-msg-type:text'], 'käse');
    expect([message.headers['content-length'], text(message)]).toEqual(['5', 'käse']);
  });

  it('carries every byte value', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    await client.session.request('SEND', { destination: queue }, bytes);
    const [message] = await client.browse(queue);
    expect(message!.body.equals(bytes)).toBe(true);
  });

  it('carries an empty body', async () => {
    expect(text(await deliver(['content-length:0'], ''))).toBe('');
    expect(text(await deliver([], ''))).toBe('');
  });

  it('carries a body of 2 MiB', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const bytes = Buffer.alloc(2 * 1024 * 1024, 'ab');
    await client.session.request('SEND', { destination: queue }, bytes);
    const [message] = await client.browse(queue);
    expect(message!.body.equals(bytes)).toBe(true);
  });

  it('keeps a content-type like any other header', async () => {
    const message = await deliver(['content-length:2', 'content-type:application/json'], '{}');
    expect(message.headers['content-type']).toBe('application/json');
  });
});
