import { expect, it } from 'vitest';
import { type BrokerError, ConnectionClosedError } from '../../libs/activemq/src/errors/index.js';
import { MAX_FRAME_SIZE, NO_SPACE_TIMEOUT } from './support/broker-configurations.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { Inbox } from './support/inbox.js';
import { unique, uniqueQueue } from './support/names.js';

/** Ms after which a receipt that has not come counts as withheld. */
const WITHHELD = 1_000;
/** A queue of the family `small` takes 64 KiB: six of these, not a seventh. */
const TEN_KILOBYTES = 'x'.repeat(10_000);

describeOnEachBroker(
  'rights',
  (broker) => {
    it('refuses a SEND to a queue the user may not write to with an ERROR that carries the receipt, and keeps the connection', async () => {
      const client = await broker.client();
      await expect(client.send(uniqueQueue('forbidden'), 'm1')).rejects.toThrow(
        /^The broker refused: User app is not authorized to write to: queue:\/\//,
      );
      await client.send(uniqueQueue('app'), 'still works');
    });

    it('refuses a SUBSCRIBE to a queue the user may not read from, and keeps the connection', async () => {
      const client = await broker.client();
      await expect(client.subscribe(uniqueQueue('forbidden'))).rejects.toThrow('User app is not authorized to read from: queue://');
      await client.send(uniqueQueue('app'), 'still works');
    });

    it('tells reading from writing', async () => {
      const queue = uniqueQueue('readable');
      const client = await broker.client();
      expect(await client.browse(queue)).toEqual([]);
      await expect(client.send(queue, 'm1')).rejects.toThrow('not authorized to write');
    });

    it('commits the rest of a transaction in which a SEND was not allowed', async () => {
      const queue = uniqueQueue('app');
      const client = await broker.client();
      const transaction = await client.begin();
      await client.send(queue, 'allowed', { transaction });
      await expect(client.send(uniqueQueue('forbidden'), 'm1', { transaction })).rejects.toThrow('not authorized');
      await client.commit(transaction);
      expect(await client.bodiesOn(queue)).toEqual(['allowed']);
    });

    it('refuses a composite when one of its members is forbidden', async () => {
      const client = await broker.client();
      await expect(client.send(`${uniqueQueue('app')},${uniqueQueue('forbidden')}`, 'm1')).rejects.toThrow('not authorized');
    });

    it('writes no correlation on the ERROR of a forbidden SEND without a receipt', async () => {
      const client = await broker.raw();
      await client.connect('accept-version:1.2', 'login:app', 'passcode:app-secret');
      client.write(['SEND', `destination:${uniqueQueue('forbidden')}`], 'm');
      const error = await client.frames.next();
      expect([error.command, Object.keys(error.headers).includes('receipt-id')]).toEqual(['ERROR', false]);
    });
  },
  'guarded',
);

describeOnEachBroker(
  'maximum frame size',
  (broker) => {
    it('takes a frame below it', async () => {
      const queue = uniqueQueue('app');
      const client = await broker.client();
      await client.send(queue, 'x'.repeat(MAX_FRAME_SIZE - 10_000));
      expect(await client.browse(queue)).toHaveLength(1);
    });

    it('answers a larger frame with ERROR, closes the connection and stores nothing', async () => {
      const queue = uniqueQueue('app');
      const client = await broker.raw();
      await client.connect('accept-version:1.2', 'login:app', 'passcode:app-secret');
      client.write(['SEND', `destination:${queue}`], 'x'.repeat(MAX_FRAME_SIZE + 10_000));
      expect((await client.frames.next()).headers['message']).toBe('The maximum frame size was exceeded');
      await client.closed;
      const observer = await broker.client();
      expect(await observer.browse(queue)).toEqual([]);
    });
  },
  'guarded',
);

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
