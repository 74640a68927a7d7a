import { expect, it } from 'vitest';
import { MAX_FRAME_SIZE } from './support/broker-configurations.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';

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
