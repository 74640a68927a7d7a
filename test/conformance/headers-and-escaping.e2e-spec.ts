import { expect, it } from 'vitest';
import type { OutgoingHeaders } from '../../libs/activemq/src/stomp/stomp-session.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';

describeOnEachBroker('headers and escaping', (broker) => {
  async function roundTrip(headers: OutgoingHeaders) {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    await client.send(queue, 'm1', headers);
    return (await subscription.next()).headers;
  }

  it.each([
    ['a colon', 'own', 'a:b'],
    ['a line feed', 'own', 'a\nb'],
    ['a backslash', 'own', String.raw`a\b`],
    ['all of them in a name', 'x:k\ne\\y', 'v'],
    ['UTF-8', 'größe', 'käse 😀'],
    ['dots, dashes and slashes in a name', 'a.b-c/d', 'v'],
    ['spaces at both ends', 'own', ' v '],
    ['a name of JavaScript', '__proto__', 'v'],
    ['another name of JavaScript', 'hasOwnProperty', 'v'],
  ])('gives back %s as it was sent', async (_, name, value) => {
    const headers = await roundTrip({ [name]: value });
    expect(headers[name]).toBe(value);
  });

  it('gives back an empty value', async () => {
    expect((await roundTrip({ own: '' }))['own']).toBe('');
  });

  it('escapes the colon of its message-id on the wire', async () => {
    const client = await broker.client();
    const queue = uniqueQueue();
    await client.send(queue, 'm1');
    const [message] = await client.browse(queue);
    expect(message?.headers['message-id']).toMatch(/^ID:\S+:\d+$/);
  });

  it('makes the message-id itself: what a client chooses is not it', async () => {
    expect((await roundTrip({ 'message-id': 'mine' }))['message-id']).not.toBe('mine');
  });

  it('keeps an unknown escape as it stands', async () => {
    const queue = uniqueQueue();
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['SEND', `destination:${queue}`, String.raw`own:a\tb`, 'receipt:r'], 'm');
    await client.frames.next();
    const observer = await broker.client();
    const [message] = await observer.browse(queue);
    expect(message?.headers['own']).toBe(String.raw`a\tb`);
  });

  it('takes the first of a repeated header', async () => {
    const queue = uniqueQueue();
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['SEND', `destination:${queue}`, 'own:first', 'own:second', 'receipt:r'], 'm');
    await client.frames.next();
    const observer = await broker.client();
    const [message] = await observer.browse(queue);
    expect(message?.headers['own']).toBe('first');
  });

  it('sends without persistent:true a message that is not persistent, and says so by saying nothing', async () => {
    expect(Object.keys(await roundTrip({ persistent: undefined }))).not.toContain('persistent');
    expect((await roundTrip({ persistent: 'true' }))['persistent']).toBe('true');
  });

  it('carries correlation-id, type and reply-to', async () => {
    const headers = { 'correlation-id': 'c1', type: 'order', 'reply-to': '/queue/answers' };
    expect(await roundTrip(headers)).toMatchObject(headers);
  });

  it('writes the time of the SEND on a message, in ms since the epoch', async () => {
    const before = Date.now();
    const { timestamp } = await roundTrip({});
    expect(Number(timestamp)).toBeGreaterThanOrEqual(before - 1_000);
    expect(Number(timestamp)).toBeLessThanOrEqual(Date.now() + 1_000);
  });

  it('does not give back transaction and receipt', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const transaction = await client.begin();
    await client.send(queue, 'm1', { transaction });
    await client.commit(transaction);
    const [message] = await client.browse(queue);
    expect(Object.keys(message!.headers).filter((name) => ['transaction', 'receipt', 'receipt-id'].includes(name))).toEqual([]);
  });

  it('names the subscription on every message', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const subscription = await client.subscribe(queue, { id: 'my own: id' });
    await client.send(queue, 'm1');
    expect((await subscription.next()).headers).toMatchObject({ subscription: 'my own: id', destination: queue });
  });

  it('cannot select by a header with a dash: the selector is accepted and never matches', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1', { 'my-key': 'x', my_key: 'x' });
    expect(await client.bodiesOn(queue, `my-key = 'x'`)).toEqual([]);
    expect(await client.bodiesOn(queue, `my_key = 'x'`)).toEqual(['m1']);
  });

  it('compares a header with a number although all headers are strings', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'nine', { n: '9' });
    await client.send(queue, 'ten', { n: '10' });
    expect(await client.bodiesOn(queue, 'n > 9')).toEqual(['ten']);
    expect(await client.bodiesOn(queue, `n = '9'`)).toEqual(['nine']);
  });

  it('refuses the prefix convert_string_expressions: it adds that itself', async () => {
    const client = await broker.client();
    await expect(client.subscribe(uniqueQueue(), { selector: 'convert_string_expressions:n > 5' })).rejects.toThrow(
      'convert_string_expressions',
    );
  });
});
