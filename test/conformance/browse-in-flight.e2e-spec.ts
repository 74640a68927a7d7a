import { expect, it } from 'vitest';

import { browseQueue } from '../../libs/activemq/src/connection/browse-queue.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';
import { type TestClient, text } from './support/test-client.js';

/** The bodies that the framework's own browse shows. */
async function bodies({ session }: TestClient, destination: string, selector?: string, limit?: number): Promise<string[]> {
  const source = { session: async () => Promise.resolve({ session }) };
  const seen: string[] = [];
  for await (const frame of browseQueue(source, 'browse', destination, { selector, limit, timeout: 10_000 })) seen.push(text(frame));
  return seen;
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `m${index + 1}`);

describeOnEachBroker('browsing what is in flight', (broker) => {
  it('sees, while a message is in flight, how often it was delivered before: JMSXDeliveryCount is 1 + the losses', async () => {
    const queue = uniqueQueue();
    const observer = await broker.client();
    await observer.send(queue, 'm1');
    for (let losses = 0; losses <= 3; losses++) {
      const dying = await broker.client();
      const subscription = await dying.subscribe(queue);
      const { headers } = await subscription.next();
      const matches = async (condition: string) =>
        (await bodies(observer, queue, `JMSMessageID = '${headers['message-id']}' AND JMSXDeliveryCount ${condition}`)).length === 1;
      expect(await matches(`= ${losses + 1}`), `after ${losses} losses`).toBe(true);
      expect(await matches(`> ${losses}`)).toBe(true);
      expect(await matches(`> ${losses + 1}`)).toBe(false);
      expect(headers['redelivered']).toBe(losses === 0 ? undefined : 'true');
      dying.kill();
    }
  });

  it('counts what only lay in the window of a consumer that died, or that unsubscribed in good order, and nothing else', async () => {
    const queue = uniqueQueue();
    const observer = await broker.client();
    await observer.sendAll(queue, ['m1', 'm2', 'm3']);
    const dying = await broker.client();
    const dead = await dying.subscribe(queue, { 'activemq.prefetchSize': '2' });
    await dead.take(2);
    expect(await bodies(observer, queue, 'JMSXDeliveryCount > 1')).toEqual([]);
    dying.kill();
    const leaving = await observer.subscribe(queue, { 'activemq.prefetchSize': '1', selector: 'JMSXDeliveryCount > 1' });
    const first = await leaving.next();
    expect([text(first), first.headers['redelivered']]).toEqual(['m1', 'true']);
    expect(await bodies(observer, queue, 'JMSXDeliveryCount = 2')).toEqual(['m1', 'm2']);
    await leaving.unsubscribe();
    expect(await bodies(observer, queue, 'JMSXDeliveryCount = 3')).toEqual(['m1']);
    expect(await bodies(observer, queue, 'JMSXDeliveryCount = 2')).toEqual(['m2']);
    expect(await bodies(observer, queue, 'JMSXDeliveryCount = 1')).toEqual(['m3']);
  });

  it('sees what is in flight of a queue that is browsed no further than its cap', async () => {
    const queue = uniqueQueue('tight');
    const client = await broker.client();
    await client.sendAll(queue, numbered(601));
    const subscription = await client.subscribe(queue, { 'activemq.prefetchSize': '200' });
    const inFlight = await subscription.take(200);
    for (const message of [inFlight[0]!, inFlight[199]!]) {
      const id = message.headers['message-id'];
      expect(await bodies(client, queue, `JMSMessageID = '${id}' AND JMSXDeliveryCount = 1`)).toEqual([text(message)]);
    }
  });

  it('shows more than one window of messages, in order, and leaves them', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(300), { persistent: 'false' });
    expect(await bodies(client, queue)).toEqual(numbered(300));
    expect(await bodies(client, queue)).toEqual(numbered(300));
  });

  it.each([1, 64, 65, 100, 128, 299, 300, 301])('shows no more than a limit of %i', async (limit) => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, numbered(300), { persistent: 'false' });
    expect(await bodies(client, queue, undefined, limit)).toEqual(numbered(Math.min(limit, 300)));
  });
});
