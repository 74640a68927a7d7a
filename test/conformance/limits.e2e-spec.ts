import { expect, it } from 'vitest';
import { MAX_FRAME_SIZE, NO_SPACE_TIMEOUT } from './support/broker-configurations.js';
import { describeOnEachBroker, describeOnEachRealBroker } from './support/describe-on-each-broker.js';
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

describeOnEachRealBroker(
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
  },
  'guarded',
);

describeOnEachRealBroker('sendFailIfNoSpaceAfterTimeout', (broker) => {
  it('refuses a SEND into a full queue after its time, and keeps the connection', async () => {
    const queue = uniqueQueue('small');
    const client = await broker.client();
    for (let i = 0; i < 6; i++) await client.send(queue, TEN_KILOBYTES);
    const before = performance.now();
    await expect(client.send(queue, TEN_KILOBYTES)).rejects.toThrow(/Usage Manager Memory Limit/);
    expect(performance.now() - before).toBeGreaterThanOrEqual(NO_SPACE_TIMEOUT - 100);
    await client.send(uniqueQueue(), unique('still works'));
  });
});

/** There is no event for a receipt that does not come. */
async function withheld(): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('withheld'), WITHHELD));
}
