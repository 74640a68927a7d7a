import net from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import type { EmbeddedBrokerLimits } from './broker/broker-options.js';
import { EmbeddedBroker } from './embedded-broker.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('limits', () => {
  let broker: EmbeddedBroker;
  afterEach(() => broker.stop());

  async function begin(limits: Partial<EmbeddedBrokerLimits>): Promise<StompClient> {
    broker = await startBroker({ limits });
    return StompClient.connect(broker);
  }

  async function expectOthersToGoOn(): Promise<void> {
    const other = await StompClient.connect(broker);
    expect((await other.send('/queue/others', 'x')).command).toBe('RECEIPT');
    await other.subscribe('1', '/queue/others', { ack: 'auto' });
    expect(await other.bodies(1)).toEqual(['x']);
  }

  it.each([
    ['with content-length, before its body', 'SEND\ndestination:/queue/q\ncontent-length:5000\n\n'],
    ['without content-length', `SEND\ndestination:/queue/q\n\n${'x'.repeat(5000)}`],
    ['made of headers', `SEND\n${'a:b\n'.repeat(500)}`],
  ])('a frame too large, %s: ERROR, close, nothing stored', async (_how, bytes) => {
    const hostile = await begin({ maxFrameSize: 1024 });
    hostile.raw(bytes);
    const answer = await hostile.next(({ command }) => command === 'ERROR');
    expect(answer.headers['message']).toBe('The maximum frame size was exceeded');
    await hostile.closed;
    expect(broker.queueNames()).toEqual([]);
    await expectOthersToGoOn();
  });

  it('a header line that never ends is not kept', async () => {
    const hostile = await begin({});
    hostile.raw('SEND\nx:');
    for (let i = 0; i < 20; i++) hostile.raw('y'.repeat(1024));
    const answer = await hostile.next(({ command }) => command === 'ERROR');
    expect(answer.headers['message']).toBe('The maximum header length was exceeded');
    await hostile.closed;
  });

  it('a connection that never says CONNECT is closed', async () => {
    broker = await startBroker({ limits: { connectTimeout: 20 } });
    const silent = new StompClient(broker.connect());
    await silent.closed;
    expect(broker.connectionCount).toBe(0);
    await expectOthersToGoOn();
  });

  it('too many subscriptions: ERROR, the connection lives on', async () => {
    const client = await begin({ maxSubscriptions: 2 });
    for (const id of ['1', '2']) expect((await client.subscribe(id, '/queue/q')).command).toBe('RECEIPT');
    expect((await client.subscribe('3', '/queue/q')).headers['message']).toMatch(/limit of 2 subscriptions/);
    await client.ask('UNSUBSCRIBE', { id: '1' });
    expect((await client.subscribe('3', '/queue/q')).command).toBe('RECEIPT');
  });

  it.each([
    [{ maxTransactions: 1 }, 'BEGIN', (n: number) => ({ transaction: `t${n}` }), 'limit of 1 open transactions'],
    [{ maxDestinations: 1 }, 'SEND', (n: number) => ({ destination: `/queue/q${n}` }), 'limit of 1 destinations'],
    [{ maxScheduledJobs: 1 }, 'SEND', () => ({ destination: '/queue/q', AMQ_SCHEDULED_DELAY: '60000' }), 'limit of 1 scheduled messages'],
  ])('%j is held with an ERROR', async (limits, command, headers, message) => {
    const client = await begin(limits);
    expect((await client.ask(command, headers(1))).command).toBe('RECEIPT');
    const answer = await client.ask(command, headers(2));
    expect([answer.command, answer.headers['message']]).toEqual(['ERROR', expect.stringContaining(message)]);
  });

  it('too many connections: refused, on both ways in', async () => {
    await begin({ maxConnections: 1 });
    const refused = await new Promise<NodeJS.ErrnoException>((resolve) => broker.connect().on('error', resolve));
    expect(refused.code).toBe('ECONNREFUSED');
    const { host, port } = await broker.listen();
    const socket = net.connect({ host, port });
    await new Promise((resolve) => socket.once('close', resolve));
    expect(broker.connectionCount).toBe(1);
  });

  it('memory: SENDs are refused above the limit, in transactions too, and taken again when there is room', async () => {
    const client = await begin({ memoryLimit: 10 * 1024 });
    await client.ask('BEGIN', { transaction: 't' });
    const body = 'x'.repeat(4096);
    for (let i = 0; i < 2; i++) expect((await client.send('/queue/q', body, { transaction: 't' })).command).toBe('RECEIPT');
    await client.send('/queue/q', body);
    const refused = await client.send('/queue/q', body);
    expect(refused.headers['message']).toMatch(/^Usage Manager Memory Limit reached/);
    await client.ask('ABORT', { transaction: 't' });
    expect((await client.send('/queue/q', body)).command).toBe('RECEIPT');
  });

  it('a client that does not read gets no more than its output takes, and the others go on', async () => {
    await begin({ maxOutput: 128 * 1024 });
    const producer = await StompClient.connect(broker);
    const slow = broker.connect();
    slow.write('CONNECT\naccept-version:1.2\n\n\0SUBSCRIBE\nid:1\ndestination:/queue/q\nack:auto\nreceipt:1\n\n\0');
    for (let i = 0; i < 1000; i++) producer.write('SEND', { destination: '/queue/q' }, 'x'.repeat(1024));
    await producer.settled();
    const left = broker.queue('q').depth;
    expect(left).toBeGreaterThan(500);
    await expectOthersToGoOn();
    // It reads at last, and gets everything.
    const reader = new StompClient(slow);
    for (let i = 0; i < 1000; i++) await reader.message();
    expect(broker.queue('q').depth).toBe(0);
  });

  it('a consumer of very many queues does not exhaust the stack', async () => {
    const client = await begin({});
    client.write('SUBSCRIBE', { id: '1', destination: '/queue/many.>', ack: 'auto', 'activemq.prefetchSize': '1' });
    await client.ask('BEGIN', { transaction: 't' });
    for (let i = 0; i < 3000; i++) client.write('SEND', { destination: `/queue/many.${i}`, transaction: 't' }, 'x');
    await client.ask('COMMIT', { transaction: 't' });
    expect(await client.rest()).toHaveLength(3000);
    await client.ask('UNSUBSCRIBE', { id: '1' });
    for (let i = 0; i < 3000; i++) client.write('SEND', { destination: `/queue/many.${i}` }, 'y');
    await client.settled();
    client.frames.splice(0);
    client.write('SUBSCRIBE', { id: '2', destination: '/queue/many.>', ack: 'auto' });
    expect(await client.rest()).toHaveLength(3000);
  });

  it('a dead letter that has no room is lost with a line in the log, and the broker goes on', async () => {
    const lines: string[] = [];
    broker = await startBroker({ limits: { maxDestinations: 1 }, log: (line) => lines.push(line) });
    const client = await StompClient.connect(broker);
    await client.ask('SEND', { destination: '/queue/q', persistent: 'true' }, 'x');
    await client.subscribe('1', '/queue/q');
    expect((await client.nack(await client.message())).command).toBe('RECEIPT');
    expect(lines.at(-1)).toMatch(/the message ID:\S+ is lost/);
    expect((await client.ask('SEND', { destination: '/queue/q' }, 'x')).command).toBe('RECEIPT');
  });

  it('refuses options that make no sense', () => {
    expect(() => new EmbeddedBroker({ limits: { maxFrameSize: 0 } })).toThrow('limits.maxFrameSize is 0');
    expect(() => new EmbeddedBroker({ schedulerTick: 1.5 })).toThrow('schedulerTick is 1.5');
    expect(() => new EmbeddedBroker(JSON.parse('{"persistent":true}') as object)).toThrow('no option "persistent"');
    expect(() => new EmbeddedBroker({ limits: JSON.parse('{"memory":1}') as object })).toThrow('no limit "memory"');
  });

  it('50 000 messages stand in memory and come out in order', async () => {
    const producer = await begin({});
    for (let i = 0; i < 50_000; i++) {
      producer.write('SEND', { destination: '/queue/q', persistent: 'true' }, String(i));
      if (producer.socket.writableNeedDrain) await new Promise((resolve) => producer.socket.once('drain', resolve));
    }
    await producer.settled();
    expect(broker.queue('q').depth).toBe(50_000);
    const consumer = await StompClient.connect(broker);
    consumer.write('SUBSCRIBE', { id: '1', destination: '/queue/q', ack: 'auto' });
    let misplaced = 0;
    for (let i = 0; i < 50_000; i++) if ((await consumer.message()).body.toString() !== String(i)) misplaced++;
    expect(misplaced).toBe(0);
    expect(broker.queue('q').depth).toBe(0);
  }, 30_000);
});
