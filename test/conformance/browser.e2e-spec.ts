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
