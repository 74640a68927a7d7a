import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueQueue } from './support/names.js';
import { text } from './support/test-client.js';

describeOnEachBroker('transactions', (broker) => {
  it('shows a SEND to nobody before COMMIT', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const transaction = await client.begin();
    await client.send(queue, 'm1', { transaction });
    expect(await client.bodiesOn(queue)).toEqual([]);
    await client.commit(transaction);
    expect(await client.bodiesOn(queue)).toEqual(['m1']);
  });

  it('forgets a SEND on ABORT', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const transaction = await client.begin();
    await client.send(queue, 'm1', { transaction });
    await client.abort(transaction);
    expect(await client.bodiesOn(queue)).toEqual([]);
  });

  it('moves a message from queue to queue atomically: SEND and ACK in one COMMIT', async () => {
    const [from, to] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    await client.send(from, 'm1');
    const subscription = await client.subscribe(from);
    const message = await subscription.next();
    const transaction = await client.begin();
    await client.send(to, 'copy', { transaction });
    await client.ack(message, transaction);
    await client.commit(transaction);
    expect([await client.bodiesOn(from), await client.bodiesOn(to)]).toEqual([[], ['copy']]);
  });

  it('hides a message acknowledged in an open transaction from browsers', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const subscription = await client.subscribe(queue);
    const transaction = await client.begin();
    await client.ack(await subscription.next(), transaction);
    expect(await client.bodiesOn(queue)).toEqual([]);
    await client.abort(transaction);
    expect(await client.bodiesOn(queue)).toEqual(['m1']);
  });

  it.each(['ABORT', 'DISCONNECT', 'a closed socket'])('undoes SEND and ACK together on %s', async (how) => {
    const [from, to] = [uniqueQueue(), uniqueQueue()];
    const observer = await broker.client();
    await observer.send(from, 'm1');
    const client = await broker.client();
    const subscription = await client.subscribe(from);
    const message = await subscription.next();
    const transaction = await client.begin();
    await client.send(to, 'copy', { transaction });
    await client.ack(message, transaction);
    if (how === 'ABORT') await client.abort(transaction);
    if (how === 'a closed socket') client.kill();
    else await client.session.disconnect();
    const again = await observer.subscribe(from);
    const returned = await again.next();
    expect({ body: text(returned), redelivered: returned.headers['redelivered'] }).toEqual({ body: 'm1', redelivered: 'true' });
    expect(await observer.bodiesOn(to)).toEqual([]);
  });

  it('redelivers nothing on ABORT: the message stays in flight, no other consumer sees it', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const subscription = await client.subscribe(queue);
    const other = await client.subscribe(queue);
    const transaction = await client.begin();
    await client.ack(await subscription.next(), transaction);
    await client.abort(transaction);
    expect(await subscription.stray()).toEqual([]);
    expect(await other.stray()).toEqual([]);
    await subscription.unsubscribe();
    expect((await other.next()).headers['redelivered']).toBe('true');
  });

  it('takes the ACK of an aborted transaction again, outside a transaction', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const subscription = await client.subscribe(queue);
    const message = await subscription.next();
    const transaction = await client.begin();
    await client.ack(message, transaction);
    await client.abort(transaction);
    await client.ack(message);
    expect(await client.bodiesOn(queue)).toEqual([]);
  });

  it('takes the ACK of an aborted transaction again, in the next transaction', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const subscription = await client.subscribe(queue);
    const message = await subscription.next();
    for (const end of ['abort', 'abort', 'commit'] as const) {
      const transaction = await client.begin();
      await client.ack(message, transaction);
      await client[end](transaction);
    }
    await subscription.unsubscribe();
    expect(await client.bodiesOn(queue)).toEqual([]);
  });

  it('takes a NACK after ABORT', async () => {
    const queue = uniqueQueue('shared');
    const client = await broker.client();
    const mark = unique('mark');
    await client.send(queue, 'm1', { mark });
    const subscription = await client.subscribe(queue);
    const message = await subscription.next();
    const transaction = await client.begin();
    await client.ack(message, transaction);
    await client.abort(transaction);
    await client.nack(message);
    expect(await client.bodiesOn('/queue/SHARED.DLQ', `mark = '${mark}'`)).toEqual(['m1']);
  });

  it('refuses a NACK inside a transaction with ERROR; the connection and the message stay', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const subscription = await client.subscribe(queue);
    const message = await subscription.next();
    const transaction = await client.begin();
    await expect(client.nack(message, { transaction })).rejects.toThrow('Poison ack cannot be transacted');
    await client.abort(transaction);
    expect(client.session.isOpen).toBe(true);
    expect(await client.bodiesOn(queue)).toEqual(['m1']);
  });

  it('never moves a message to the dead letter queue by itself, however often it was aborted or its consumer died', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    for (let round = 0; round < 8; round++) {
      const consumer = await broker.client();
      const subscription = await consumer.subscribe(queue);
      const message = await subscription.next();
      const transaction = await consumer.begin();
      await consumer.ack(message, transaction);
      await consumer.abort(transaction);
      consumer.kill();
    }
    const last = await client.subscribe(queue);
    expect(text(await last.next())).toBe('m1');
  });

  it('answers BEGIN with a name in use with ERROR and keeps the connection and the transaction', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.session.request('BEGIN', { transaction: 'same' });
    await client.send(queue, 'm1', { transaction: 'same' });
    await expect(client.session.request('BEGIN', { transaction: 'same' })).rejects.toThrow(/same/);
    await client.commit('same');
    expect(await client.bodiesOn(queue)).toEqual(['m1']);
  });

  it.each(['COMMIT', 'ABORT'])('answers %s of an unknown transaction with ERROR and keeps the connection', async (command) => {
    const client = await broker.client();
    await expect(client.session.request(command, { transaction: 'nobody-began-it' })).rejects.toThrow(/transaction/i);
    await client.send(uniqueQueue(), 'still works');
  });

  it('answers a SEND in an unknown transaction with ERROR and keeps the connection', async () => {
    const client = await broker.client();
    await expect(client.send(uniqueQueue(), 'm1', { transaction: 'nobody-began-it' })).rejects.toThrow(/transaction/i);
    await client.send(uniqueQueue(), 'still works');
  });

  it('lets a name be used again after COMMIT and after ABORT', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    for (const end of ['COMMIT', 'ABORT', 'COMMIT']) {
      await client.session.request('BEGIN', { transaction: 'again' });
      await client.send(queue, end, { transaction: 'again' });
      await client.session.request(end, { transaction: 'again' });
    }
    expect(await client.bodiesOn(queue)).toEqual(['COMMIT', 'COMMIT']);
  });

  it('keeps two open transactions of one connection apart', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const [a, b] = [await client.begin(), await client.begin()];
    await client.send(queue, 'of a', { transaction: a });
    await client.send(queue, 'of b', { transaction: b });
    await client.abort(a);
    await client.commit(b);
    expect(await client.bodiesOn(queue)).toEqual(['of b']);
  });

  it('commits the rest when one SEND of a transaction was refused: an ERROR does not doom the transaction', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const transaction = await client.begin();
    await client.send(queue, 'm1', { transaction });
    await expect(client.session.request('SEND', { transaction })).rejects.toThrow(/destination/i);
    await client.commit(transaction);
    expect(await client.bodiesOn(queue)).toEqual(['m1']);
  });

  it('corrupts the ack ids of two transactions on one subscription: after COMMIT of one and ABORT of the other, an ACK fails', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, ['m1', 'm2']);
    const subscription = await client.subscribe(queue);
    const [first, second] = await subscription.take(2);
    const [a, b] = [await client.begin(), await client.begin()];
    await client.ack(first!, a);
    await client.ack(second!, b);
    await client.commit(b);
    await client.abort(a);
    await expect(client.ack(first!)).rejects.toThrow('Unexpected ACK received');
    await subscription.unsubscribe();
    expect(await client.bodiesOn(queue)).toEqual(['m1']);
  });

  it('commits in the order the messages were sent in', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const transaction = await client.begin();
    for (let i = 0; i < 20; i++) client.post(queue, `m${i}`, { transaction });
    await client.commit(transaction);
    expect(await client.bodiesOn(queue)).toEqual(Array.from({ length: 20 }, (_, i) => `m${i}`));
  });
});
