import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueQueue, uniqueTopic } from './support/names.js';
import { text } from './support/test-client.js';

describeOnEachBroker('redelivered', (broker) => {
  it('flags nothing on the first delivery', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const subscription = await client.subscribe(queue);
    expect(Object.keys((await subscription.next()).headers)).not.toContain('redelivered');
  });

  it.each(['UNSUBSCRIBE', 'DISCONNECT', 'a closed socket'])(
    'returns unacknowledged messages on %s to the head of the queue, in order and flagged',
    async (how) => {
      const queue = uniqueQueue();
      const observer = await broker.client();
      await observer.sendAll(queue, ['m1', 'm2', 'm3', 'm4']);
      const client = await broker.client();
      const subscription = await client.subscribe(queue, { 'activemq.prefetchSize': '3' });
      await subscription.take(3);
      if (how === 'UNSUBSCRIBE') await subscription.unsubscribe();
      else if (how === 'DISCONNECT') await client.session.disconnect();
      else client.kill();
      const again = await observer.subscribe(queue);
      const messages = await again.take(4);
      const seen = messages.map((message) => [text(message), message.headers['redelivered']]);
      const returned = [
        ['m1', 'true'],
        ['m2', 'true'],
        ['m3', 'true'],
      ];
      // A socket may close behind the new subscription: then m4 is on its way already.
      const comparable = how === 'a closed socket' ? [...seen.filter(([body]) => body !== 'm4'), ['m4', undefined]] : seen;
      expect(comparable).toEqual([...returned, ['m4', undefined]]);
    },
  );

  it('hands the messages of a dead consumer to one that waits already', async () => {
    const queue = uniqueQueue();
    const [dying, waiting] = [await broker.client(), await broker.client()];
    const first = await dying.subscribe(queue);
    await waiting.send(queue, 'm1');
    await first.next();
    const second = await waiting.subscribe(queue);
    expect(await second.stray()).toEqual([]);
    dying.kill();
    const message = await second.next();
    expect([text(message), message.headers['redelivered']]).toEqual(['m1', 'true']);
  });

  it('keeps no delivery count on the message, however often it was delivered', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const seen: string[][] = [];
    for (let delivery = 1; delivery <= 5; delivery++) {
      const subscription = await client.subscribe(queue, { id: 'same' });
      const { headers } = await subscription.next();
      seen.push(Object.keys(headers).sort());
      await subscription.unsubscribe();
    }
    expect(seen[4]).toEqual(seen[1]);
    expect(seen[1]).toEqual([...seen[0]!, 'redelivered'].sort());
  });

  it('keeps the message-id over deliveries', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const ids = new Set<string | undefined>();
    for (let delivery = 1; delivery <= 3; delivery++) {
      const subscription = await client.subscribe(queue);
      ids.add((await subscription.next()).headers['message-id']);
      await subscription.unsubscribe();
    }
    expect(ids.size).toBe(1);
  });

  it('lets a selector see the delivery count: JMSXDeliveryCount < 3 stops matching after two failed deliveries', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    for (let delivery = 1; delivery <= 2; delivery++) {
      const subscription = await client.subscribe(queue, { selector: 'JMSXDeliveryCount < 3' });
      await subscription.next();
      await subscription.unsubscribe();
    }
    const fewer = await client.subscribe(queue, { selector: 'JMSXDeliveryCount < 3' });
    expect(await fewer.stray()).toEqual([]);
    const poisoned = await client.subscribe(queue, { selector: 'JMSXDeliveryCount >= 3' });
    expect(text(await poisoned.next())).toBe('m1');
  });

  it('lets a selector see the flag: JMSRedelivered = FALSE', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const first = await client.subscribe(queue, { selector: 'JMSRedelivered = FALSE' });
    await first.next();
    await first.unsubscribe();
    const fresh = await client.subscribe(queue, { selector: 'JMSRedelivered = FALSE' });
    expect(await fresh.stray()).toEqual([]);
    const returned = await client.subscribe(queue, { selector: 'JMSRedelivered = TRUE' });
    expect(text(await returned.next())).toBe('m1');
  });

  it.each(['DISCONNECT', 'a closed socket'])('does not flag what a durable subscriber gets again after %s', async (how) => {
    const topic = uniqueTopic();
    const clientId = unique('client');
    const publisher = await broker.client();
    const client = await broker.client({ clientId });
    const subscription = await client.subscribe(topic, { 'activemq.subscriptionName': 'sub' });
    await publisher.send(topic, 'm1');
    await subscription.next();
    if (how === 'DISCONNECT') await client.session.disconnect();
    else client.kill();
    const again = await reopen(clientId);
    const second = await again.subscribe(topic, { 'activemq.subscriptionName': 'sub' });
    const message = await second.next();
    expect([text(message), message.headers['redelivered']]).toEqual(['m1', undefined]);
  });

  /** The broker may still be busy ending the old connection of this client-id. */
  async function reopen(clientId: string) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await broker.client({ clientId });
      } catch (error) {
        if (attempt === 100 || !(error instanceof Error && error.message.includes('already connected'))) throw error;
      }
    }
  }
});
