import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';
import { text } from './support/test-client.js';

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `m${index + 1}`);

describeOnEachBroker('browser', (broker) => {
  it('shows what lies on a queue, in order, and leaves it there', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(3));
    expect(await client.bodiesOn(queue)).toEqual(numbered(3));
    expect(await client.bodiesOn(queue)).toEqual(numbered(3));
  });

  it('ends with a message without a body whose header browser says end', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const browser = await client.subscribe(queue, { browser: 'true', ack: 'auto' });
    const [, end] = await browser.take(2);
    expect(end!.headers).toMatchObject({ browser: 'end', 'message-id': '0', subscription: browser.id, destination: queue });
    expect(text(end!)).toBe('');
    expect(Object.keys(end!.headers).sort()).toEqual(['browser', 'destination', 'message-id', 'subscription']);
  });

  it('shows a message whose own header browser says end, with an id of its own, and goes on', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, '', { browser: 'end', 'message-id': '0' });
    await client.send(queue, 'm2');
    const browser = await client.subscribe(queue, { browser: 'true', ack: 'auto' });
    const [forged, second, end] = await browser.take(3);
    expect(forged!.headers).toMatchObject({ browser: 'end', 'message-id': expect.stringMatching(/^ID:/) as string });
    expect([text(second!), end!.headers['message-id']]).toEqual(['m2', '0']);
  });

  it('ends at once on an empty queue', async () => {
    const client = await broker.client();
    expect(await client.browse(uniqueQueue())).toEqual([]);
  });

  it('shows all of a long queue that fits into its memory: more than a page (200) and more than maxBrowsePageSize (400)', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(601), { persistent: 'false' });
    expect(await client.browse(queue)).toHaveLength(601);
  });

  it('shows no more than maxBrowsePageSize (400) of a queue that does not fit into its memory, and ends as if that were all', async () => {
    const queue = uniqueQueue('tight');
    const client = await broker.client();
    await client.sendAll(queue, numbered(601));
    expect(await client.browse(queue)).toHaveLength(400);
  });

  it('shows with ack:client 500 messages at a time, the default prefetch of browsers, and goes on after an ACK', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(510), { persistent: 'false' });
    const browser = await client.subscribe(queue, { browser: 'true', ack: 'client' });
    const shown = await browser.take(500);
    expect(await browser.stray()).toEqual([]);
    await client.ack(shown[499]!);
    const rest = await browser.take(11);
    expect(rest.at(-1)?.headers['browser']).toBe('end');
    expect(await client.browse(queue)).toHaveLength(510);
  });

  it('shows messages that are in flight', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(2));
    const subscription = await client.subscribe(queue);
    await subscription.take(2);
    expect(await client.bodiesOn(queue)).toEqual(numbered(2));
  });

  it('shows only what its selector matches', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'red', { color: 'red' });
    await client.send(queue, 'blue', { color: 'blue' });
    expect(await client.bodiesOn(queue, `color = 'blue'`)).toEqual(['blue']);
  });

  it('ends at the first page (200) in which its selector matches nothing, and so sees a page further each time', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(500), { persistent: 'false' });
    await client.send(queue, 'last', { persistent: 'false', color: 'blue' });
    expect(await client.bodiesOn(queue, `color = 'blue'`)).toEqual([]);
    expect(await client.bodiesOn(queue, `color = 'blue'`)).toEqual([]);
    expect(await client.bodiesOn(queue, `color = 'blue'`)).toEqual(['last']);
  });

  it('leads a consumer with a selector behind the page (200) of messages that nobody takes', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(500), { persistent: 'false' });
    await client.send(queue, 'last', { persistent: 'false', color: 'blue' });
    const consumer = await client.subscribe(queue, { selector: `color = 'blue'` });
    expect(await consumer.stray()).toEqual([]);
    expect(await client.browse(queue)).toHaveLength(501);
    expect(await consumer.bodies(1)).toEqual(['last']);
  });

  it('does not count as a delivery', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    await client.browse(queue);
    const subscription = await client.subscribe(queue, { selector: 'JMSXDeliveryCount = 1' });
    expect(Object.keys((await subscription.next()).headers)).not.toContain('redelivered');
  });

  it('shows a message with its message-id and headers', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1', { own: 'x' });
    const [browsed] = await client.browse(queue);
    const subscription = await client.subscribe(queue);
    const consumed = await subscription.next();
    expect(browsed?.headers).toMatchObject({ own: 'x', 'message-id': consumed.headers['message-id'] });
  });
});
