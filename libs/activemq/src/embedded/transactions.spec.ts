import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { EmbeddedBroker } from './embedded-broker.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('a transaction', () => {
  let broker: EmbeddedBroker;
  let client: StompClient;

  beforeEach(async () => {
    broker = await startBroker();
    client = await StompClient.connect(broker);
    await client.send('/queue/in', 'm1');
    await client.subscribe('1', '/queue/in', { 'activemq.prefetchSize': '1' });
  });
  afterEach(() => broker.stop());

  const depths = () => [broker.queue('in').depth, broker.queue('out').depth];

  async function moveWithoutCommit() {
    const message = await client.message();
    await client.ask('BEGIN', { transaction: 't' });
    await client.send('/queue/out', 'moved', { transaction: 't' });
    expect((await client.ack(message, { transaction: 't' })).command).toBe('RECEIPT');
    return message;
  }

  it('moves a message with COMMIT, and nobody sees it before', async () => {
    await moveWithoutCommit();
    expect(depths()).toEqual([1, 0]);
    expect(broker.queue('in').browse()).toEqual([]);
    expect((await client.ask('COMMIT', { transaction: 't' })).command).toBe('RECEIPT');
    expect(depths()).toEqual([0, 1]);
  });

  it('ABORT redelivers nothing, and the ack id is valid again', async () => {
    const message = await moveWithoutCommit();
    await client.ask('ABORT', { transaction: 't' });
    expect(await client.rest()).toEqual([]);
    expect(depths()).toEqual([1, 0]);
    expect((await client.ack(message)).command).toBe('RECEIPT');
    expect(depths()).toEqual([0, 0]);
  });

  it.each(['DISCONNECT', 'the death of the connection'])('%s before COMMIT undoes it', async (how) => {
    await moveWithoutCommit();
    if (how === 'DISCONNECT') await client.ask('DISCONNECT');
    else client.socket.destroy();
    await client.closed;
    expect(depths()).toEqual([1, 0]);
    const next = await StompClient.connect(broker);
    await next.subscribe('1', '/queue/in');
    expect((await next.message()).headers['redelivered']).toBe('true');
  });

  it('an ACK in it frees a slot; after ABORT both messages count', async () => {
    await client.send('/queue/in', 'm2');
    await client.send('/queue/in', 'm3');
    const first = await moveWithoutCommit();
    const second = await client.message();
    expect(second.body.toString()).toBe('m2');
    await client.ask('ABORT', { transaction: 't' });
    await client.ack(first);
    expect(await client.rest()).toEqual([]);
    await client.ack(second);
    expect(await client.bodies(1)).toEqual(['m3']);
  });

  it.each([
    ['COMMIT', []],
    ['ABORT', ['m1']],
  ])('UNSUBSCRIBE in it: the message is out of reach until %s decides', async (end, expected) => {
    await moveWithoutCommit();
    await client.ask('UNSUBSCRIBE', { id: '1' });
    await client.subscribe('2', '/queue/in');
    expect(await client.rest()).toEqual([]);
    await client.ask(end, { transaction: 't' });
    expect(await client.rest()).toEqual(expected);
  });

  it('refuses a NACK and leaves the message where it is', async () => {
    const message = await client.message();
    await client.ask('BEGIN', { transaction: 't' });
    const answer = await client.nack(message, { transaction: 't' });
    expect(answer.command).toBe('ERROR');
    expect(answer.headers['message']).toMatch(/^Poison ack cannot be transacted/);
    await client.ask('ABORT', { transaction: 't' });
    expect((await client.nack(message)).command).toBe('RECEIPT');
    expect(broker.queue('ActiveMQ.DLQ').depth).toBe(1);
  });

  it('two at a time on one subscription hinder each other', async () => {
    await client.ask('UNSUBSCRIBE', { id: '1' });
    await client.send('/queue/in', 'm2');
    await client.subscribe('2', '/queue/in');
    const onSecond = () => client.next(({ headers }) => headers['subscription'] === '2');
    const [first, second] = [await onSecond(), await onSecond()];
    for (const [name, message] of [['a', first] as const, ['b', second] as const]) {
      await client.ask('BEGIN', { transaction: name });
      await client.ack(message, { transaction: name });
    }
    await client.ask('COMMIT', { transaction: 'b' });
    await client.ask('ABORT', { transaction: 'a' });
    expect((await client.ack(first)).command).toBe('ERROR');
    expect(broker.queue('in').depth).toBe(1);
  });

  it.each([
    ['BEGIN', {}, 'Must specify the transaction you are beginning'],
    ['COMMIT', {}, 'Must specify the transaction you are committing'],
    ['ABORT', { transaction: 'none' }, 'Invalid transaction id: none'],
    ['SEND', { destination: '/queue/out', transaction: 'none' }, 'Invalid transaction id: none'],
  ])('%s with a wrong name is refused and the connection lives on', async (command, headers, expected) => {
    const answer = await client.ask(command, headers);
    expect([answer.command, answer.headers['message']]).toEqual(['ERROR', expected]);
    expect((await client.send('/queue/out', 'x')).command).toBe('RECEIPT');
  });

  it('uses a name again after COMMIT', async () => {
    for (let i = 0; i < 2; i++) {
      expect((await client.ask('BEGIN', { transaction: 't' })).command).toBe('RECEIPT');
      expect((await client.ask('COMMIT', { transaction: 't' })).command).toBe('RECEIPT');
    }
  });
});
