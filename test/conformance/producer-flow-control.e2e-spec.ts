import { expect, it } from 'vitest';
import { type BrokerError, ConnectionClosedError } from '../../libs/activemq/src/errors/index.js';
import { NO_SPACE_TIMEOUT } from './support/broker-configurations.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { Inbox } from './support/inbox.js';
import { unique, uniqueQueue } from './support/names.js';

/** Ms after which a receipt that has not come counts as withheld. */
const WITHHELD = 1_000;
/** A queue of the family `small` takes 64 KiB: six of these, not a seventh. */
const TEN_KILOBYTES = 'x'.repeat(10_000);

describeOnEachBroker(
  'producer flow control',
  (broker) => {
    it('withholds the receipt of a SEND into a full queue, without a word, and confirms it when there is room again', async () => {
      const queue = uniqueQueue('small');
      const [client, consumer] = [await broker.client(), await broker.client()];
      for (let i = 0; i < 6; i++) await client.send(queue, TEN_KILOBYTES);
      const blocked = client.send(queue, TEN_KILOBYTES);
      await expect(Promise.race([blocked.then(() => 'confirmed'), withheld()])).resolves.toBe('withheld');
      await client.send(uniqueQueue('app'), 'other queues still work');
      const subscription = await consumer.subscribe(queue, { ack: 'auto' });
      await blocked;
      await subscription.take(7);
    });

    it('stops reading a connection that sends into a full queue without receipts: its other commands wait, too', async () => {
      const queue = uniqueQueue('small');
      const [client, consumer] = [await broker.client(), await broker.client()];
      for (let i = 0; i < 12; i++) client.post(queue, TEN_KILOBYTES);
      const other = client.send(uniqueQueue('app'), 'm1');
      await expect(Promise.race([other.then(() => 'confirmed'), withheld()])).resolves.toBe('withheld');
      const subscription = await consumer.subscribe(queue, { ack: 'auto' });
      await subscription.take(12);
      await other;
    });

    it('confirms withheld SENDs in the order in which they came', async () => {
      const queue = uniqueQueue('small');
      const [client, consumer] = [await broker.client(), await broker.client()];
      for (let i = 0; i < 6; i++) await client.send(queue, TEN_KILOBYTES);
      const confirmed: string[] = [];
      const bodies = ['a', 'b', 'c'];
      const blocked = bodies.map(async (body) => client.send(queue, body).then(() => confirmed.push(body)));
      await client.send(uniqueQueue('app'), 'behind them');
      expect(confirmed).toEqual([]);
      const subscription = await consumer.subscribe(queue, { ack: 'auto' });
      await Promise.all(blocked);
      expect(confirmed).toEqual(bodies);
      expect((await subscription.bodies(9)).slice(6)).toEqual(bodies);
    });

    it('stores a withheld SEND whose connection is gone when there is room', async () => {
      const queue = uniqueQueue('small');
      const [client, consumer] = [await broker.client(), await broker.client()];
      for (let i = 0; i < 6; i++) await client.send(queue, TEN_KILOBYTES);
      const blocked = client.send(queue, 'late');
      await client.send(uniqueQueue('app'), 'behind it');
      client.kill();
      await expect(blocked).rejects.toBeInstanceOf(ConnectionClosedError);
      const subscription = await consumer.subscribe(queue, { ack: 'auto' });
      expect((await subscription.bodies(7)).at(-1)).toBe('late');
    });

    it('withholds the receipt of a composite while one of its queues is full; only ActiveMQ stores it in the others meanwhile', async () => {
      const [full, empty] = [uniqueQueue('small'), uniqueQueue('small')];
      const [client, consumer] = [await broker.client(), await broker.client()];
      for (let i = 0; i < 6; i++) await client.send(full, TEN_KILOBYTES);
      const confirmed: string[] = [];
      const composite = client.send(`${full},${empty}`, 'both').then(() => confirmed.push('composite'));
      await client.send(uniqueQueue('app'), 'behind it');
      expect(confirmed).toEqual([]);
      expect(await client.bodiesOn(empty)).toEqual(broker.version === 'embedded' ? [] : ['both']);
      const subscription = await consumer.subscribe(full, { ack: 'auto' });
      await composite;
      expect((await subscription.bodies(7)).at(-1)).toBe('both');
      expect(await client.bodiesOn(empty)).toEqual(['both']);
    });

    it('refuses a withheld SEND when there is room, if its transaction has ended meanwhile', async () => {
      const queue = uniqueQueue('small');
      const [client, consumer] = [await broker.client(), await broker.client()];
      for (let i = 0; i < 6; i++) await client.send(queue, TEN_KILOBYTES);
      const transaction = await client.begin();
      const refused = client.send(queue, 'm1', { transaction }).then(
        () => 'confirmed',
        (error: unknown) => String(error),
      );
      await client.commit(transaction);
      const subscription = await consumer.subscribe(queue, { ack: 'auto' });
      expect(await refused).toContain('Send transaction completed while waiting for space');
      await subscription.take(6);
      expect(await subscription.stray()).toEqual([]);
    });

    it('counts what an open transaction will send: its own SENDs can fill the queue', async () => {
      const queue = uniqueQueue('small');
      const [client, other] = [await broker.client(), await broker.client()];
      const transaction = await client.begin();
      for (let i = 0; i < 6; i++) await client.send(queue, TEN_KILOBYTES, { transaction });
      const blocked = other.send(queue, 'm1');
      await other.send(uniqueQueue('app'), 'behind it');
      await expect(Promise.race([blocked.then(() => 'confirmed'), withheld()])).resolves.toBe('withheld');
      await client.abort(transaction);
      await blocked;
      expect(await other.bodiesOn(queue)).toEqual(['m1']);
    });
  },
  'guarded',
);

describeOnEachBroker('sendFailIfNoSpaceAfterTimeout', (broker) => {
  it('refuses a SEND into a full queue after its time, and keeps the connection', async () => {
    const queue = uniqueQueue('small');
    const client = await broker.client();
    for (let i = 0; i < 6; i++) await client.send(queue, TEN_KILOBYTES);
    const before = performance.now();
    await expect(client.send(queue, TEN_KILOBYTES)).rejects.toThrow(/Usage Manager Memory Limit/);
    expect(performance.now() - before).toBeGreaterThanOrEqual(NO_SPACE_TIMEOUT - 100);
    await client.send(uniqueQueue(), unique('still works'));
  });

  it('does so without a receipt, too, and goes on with what was sent behind it', async () => {
    const queue = uniqueQueue('small');
    const errors = new Inbox<BrokerError>('ERROR frame');
    const client = await broker.client({ onUncorrelatedError: (error) => errors.put(error) });
    for (let i = 0; i < 6; i++) await client.send(queue, TEN_KILOBYTES);
    client.post(queue, TEN_KILOBYTES);
    await client.send(uniqueQueue(), 'behind it');
    // Another thread may write the ERROR, before or behind the receipt.
    expect((await errors.next()).message).toMatch(/Usage Manager Memory Limit/);
    expect(await client.browse(queue)).toHaveLength(6);
  });
});

/** There is no event for a receipt that does not come. */
async function withheld(): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('withheld'), WITHHELD));
}
