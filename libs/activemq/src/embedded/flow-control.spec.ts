import { once } from 'node:events';

import { afterEach, describe, expect, it } from 'vitest';

import { ManualClock } from './broker/manual-clock.js';
import type { EmbeddedBrokerOptions } from './broker/broker-options.js';
import { EmbeddedBroker } from './embedded-broker.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

/** A queue of 4 KiB is full with two of these. */
const BODY = 'x'.repeat(2048);

describe('producer flow control', () => {
  let broker: EmbeddedBroker;
  afterEach(async () => broker.stop());

  /** A client, with `full` queues below `small.` */
  async function begin(options: EmbeddedBrokerOptions = {}): Promise<StompClient> {
    broker = await startBroker({
      destinationPolicy: [
        { queue: 'small.>', memoryLimit: 4096 },
        { queue: 'Consumer.>', memoryLimit: 4096 },
      ],
      ...options,
    });
    return StompClient.connect(broker);
  }

  async function fill(client: StompClient, queue: string): Promise<void> {
    for (let i = 0; i < 2; i++) expect((await client.send(`/queue/${queue}`, BODY)).command).toBe('RECEIPT');
  }

  async function drain(queue: string): Promise<StompClient> {
    const consumer = await StompClient.connect(broker);
    await consumer.subscribe('1', `/queue/${queue}`, { ack: 'auto' });
    return consumer;
  }

  it('a composite waits until each of its queues has room', async () => {
    const client = await begin();
    await fill(client, 'small.a');
    await fill(client, 'small.b');
    const answer = client.send('/queue/small.a,small.b', 'both');
    await client.settled();
    expect(await (await drain('small.a')).bodies(2)).toEqual([BODY, BODY]);
    await client.settled();
    expect([broker.queue('small.a').depth, broker.queue('small.b').depth]).toEqual([0, 2]);
    const b = await drain('small.b');
    expect((await answer).command).toBe('RECEIPT');
    expect(await b.bodies(3)).toEqual([BODY, BODY, 'both']);
  });

  it('a virtual topic waits for the queues that collect it', async () => {
    const client = await begin();
    await fill(client, 'Consumer.a.VirtualTopic.t');
    const answer = client.send('/topic/VirtualTopic.t', 'x');
    await client.settled();
    expect(broker.queue('Consumer.a.VirtualTopic.t').depth).toBe(2);
    expect(await (await drain('Consumer.a.VirtualTopic.t')).bodies(3)).toEqual([BODY, BODY, 'x']);
    expect((await answer).command).toBe('RECEIPT');
  });

  it('what is scheduled and what is a dead letter is never withheld', async () => {
    const clock = new ManualClock();
    const client = await begin({
      clock,
      schedulerTick: 1,
      destinationPolicy: [
        { queue: 'ActiveMQ.DLQ', memoryLimit: 1 },
        { queue: 'small.>', memoryLimit: 4096 },
      ],
    });
    await fill(client, 'small.q');
    expect((await client.send('/queue/small.q', 'later', { AMQ_SCHEDULED_DELAY: '5' })).command).toBe('RECEIPT');
    clock.advance(10);
    expect(broker.queue('small.q').depth).toBe(3);
    await client.subscribe('1', '/queue/small.q');
    for (let i = 0; i < 3; i++) expect((await client.nack(await client.message())).command).toBe('RECEIPT');
    expect(broker.queue('ActiveMQ.DLQ').depth).toBe(3);
  });

  it('sendFailIfNoSpace refuses at once', async () => {
    const client = await begin({ sendFailIfNoSpace: true });
    await fill(client, 'small.q');
    const refused = await client.send('/queue/small.q', BODY);
    expect([refused.command, refused.headers['message']]).toEqual(['ERROR', expect.stringMatching(/^Usage Manager Memory Limit reached/)]);
  });

  it('sendFailIfNoSpaceAfterTimeout refuses when its time has come on the clock of the broker, and stores nothing', async () => {
    const clock = new ManualClock();
    const client = await begin({ clock, sendFailIfNoSpaceAfterTimeout: 1500 });
    await fill(client, 'small.q');
    const answer = client.send('/queue/small.q', 'late');
    await client.settled();
    clock.advance(1499);
    expect(await client.settled()).toEqual([]);
    clock.advance(1);
    const refused = await answer;
    expect([refused.command, refused.headers['message']]).toEqual([
      'ERROR',
      expect.stringMatching(/^Usage Manager Memory Limit Wait Timeout/),
    ]);
    expect(await (await drain('small.q')).rest()).toEqual([BODY, BODY]);
  });

  it('a SEND whose transaction ended while it waited is refused', async () => {
    const client = await begin();
    await fill(client, 'small.q');
    await client.ask('BEGIN', { transaction: 't' });
    const answer = client.send('/queue/small.q', 'x', { transaction: 't' });
    await client.ask('COMMIT', { transaction: 't' });
    expect(await (await drain('small.q')).bodies(2)).toEqual([BODY, BODY]);
    expect((await answer).headers['message']).toBe('Send transaction completed while waiting for space');
  });

  it('a SEND without a receipt is forgotten when the broker ends its connection', async () => {
    const client = await begin();
    await fill(client, 'small.q');
    client.write('SEND', { destination: '/queue/small.q' }, 'never stored');
    const other = await StompClient.connect(broker);
    await other.settled();
    broker.kill();
    await client.closed;
    await broker.start();
    expect(await (await drain('small.q')).rest()).toEqual([BODY, BODY]);
  });

  it('a client that is not read is not taken for silent', async () => {
    await begin();
    const client = await StompClient.connect(broker, { 'heart-beat': '10,0' });
    await fill(client, 'small.q');
    client.write('SEND', { destination: '/queue/small.q' }, 'waits');
    const asked = client.ask('SEND', { destination: '/topic/nobody.listens' });
    // Longer than the broker would have listened to silence, by its own beats to somebody else.
    const listener = await StompClient.connect(broker, { 'heart-beat': '0,10' });
    for (let beat = 0; beat < 12; beat++) await once(listener.socket, 'data');
    client.raw('\n');
    await drain('small.q');
    expect((await asked).command).toBe('RECEIPT');
  });

  it('withheld SENDs count as memory of the broker, so that its own limit holds', async () => {
    const client = await begin({ limits: { memoryLimit: 12 * 1024 } });
    await fill(client, 'small.q');
    const withheld = [client.send('/queue/small.q', BODY), client.send('/queue/small.q', BODY)];
    const refused = await client.send('/queue/small.q', BODY);
    expect(refused.headers['message']).toMatch(/limits\.memoryLimit/);
    await drain('small.q');
    expect((await Promise.all(withheld)).map(({ command }) => command)).toEqual(['RECEIPT', 'RECEIPT']);
    expect((await client.send('/queue/other', BODY)).command).toBe('RECEIPT');
  });

  it('a broker that dies forgets who waited', async () => {
    const client = await begin();
    await fill(client, 'small.q');
    const answer = client.send('/queue/small.q', 'never confirmed');
    await client.settled();
    broker.kill();
    await expect(answer).rejects.toThrow('closed');
    await broker.start();
    expect(broker.queue('small.q').depth).toBe(2);
  });

  it('refuses limits that make no sense', () => {
    expect(() => new EmbeddedBroker({ destinationPolicy: [{ queue: 'q', memoryLimit: 0 }] })).toThrow('memoryLimit is 0');
    expect(() => new EmbeddedBroker({ sendFailIfNoSpaceAfterTimeout: -1 })).toThrow('sendFailIfNoSpaceAfterTimeout is -1');
  });
});
