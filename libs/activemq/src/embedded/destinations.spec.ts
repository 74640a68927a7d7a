import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { EmbeddedBroker } from './embedded-broker.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('destinations', () => {
  let broker: EmbeddedBroker;
  let producer: StompClient;
  let client: StompClient;

  beforeEach(async () => {
    broker = await startBroker();
    producer = await StompClient.connect(broker);
    client = await StompClient.connect(broker);
  });
  afterEach(() => broker.stop());

  it('a wildcard subscription with a receipt does not get what lies in existing queues, until they wake', async () => {
    await producer.send('/queue/w.x', 'x1');
    await producer.send('/queue/w.y', 'y1');
    await client.subscribe('1', '/queue/w.*');
    expect(await client.rest()).toEqual([]);
    await producer.send('/queue/w.x', 'x2');
    const first = await client.message();
    expect([first.body.toString(), ...(await client.bodies(1))]).toEqual(['x1', 'x2']);
    expect(await client.rest()).toEqual([]);
    await client.ack(first);
    expect(await client.bodies(1)).toEqual(['y1']);
  });

  it('a wildcard subscription without a receipt gets it at once', async () => {
    await producer.send('/queue/w.x', 'x1');
    client.write('SUBSCRIBE', { id: '1', destination: '/queue/w.>', ack: 'client' });
    expect(await client.bodies(1)).toEqual(['x1']);
  });

  it('a wildcard subscription gets what is sent to queues that come later', async () => {
    await client.subscribe('1', '/queue/later.>');
    await producer.send('/queue/later.a.b', 'x');
    expect(await client.bodies(1)).toEqual(['x']);
  });

  it('a composite reaches all its members with one message id', async () => {
    await client.subscribe('t', '/topic/c', { ack: 'auto' });
    await producer.send('/queue/a,/topic/c,b', 'x');
    await client.subscribe('q', '/queue/a,/queue/b');
    expect([broker.queue('a').depth, broker.queue('b').depth]).toEqual([1, 1]);
    const copy = await client.message();
    expect(copy.headers['original-destination']).toBe('/queue/a,topic://c,queue://b');
    const ids = ['a', 'b'].flatMap((name) =>
      broker
        .queue(name)
        .browse()
        .map(({ messageId }) => messageId),
    );
    expect(new Set([...ids, copy.headers['message-id']]).size).toBe(1);
  });

  it('a temporary queue carries replies, and dies with its connection', async () => {
    await producer.send('/queue/ask', '?', { 'reply-to': '/temp-queue/r', 'correlation-id': 'c' });
    await client.subscribe('1', '/queue/ask');
    const replyTo = (await client.message()).headers['reply-to'];
    expect(replyTo).toMatch(/^\/remote-temp-queue\/ID:/);
    await client.send(replyTo ?? '', '!', { 'correlation-id': 'c' });
    await producer.subscribe('r', '/temp-queue/r');
    expect((await producer.message()).headers).toMatchObject({ destination: '/temp-queue/r', 'correlation-id': 'c' });
    producer.socket.destroy();
    await producer.closed;
    const answer = await client.send(replyTo ?? '', 'late');
    expect(answer.command).toBe('ERROR');
    expect(answer.body.toString()).toContain('DestinationDoesNotExistException');
    expect((await client.send('/queue/q', 'x')).command).toBe('RECEIPT');
  });

  it('a name without a known prefix is a queue', async () => {
    await producer.send('foo.bar', 'x');
    expect(broker.queue('foo.bar').depth).toBe(1);
  });

  it.each(['/queue/', '', '/queue/ ', '/topic/'])('SEND to "%s" closes the connection without an ERROR frame', async (destination) => {
    client.write('SEND', { destination }, 'x');
    await client.closed;
    expect(client.frames).toEqual([]);
  });

  it('a browser sees what is in flight too, takes nothing, and is told when it has seen all', async () => {
    for (const body of ['m1', 'm2', 'm3']) await producer.send('/queue/q', body, { kind: body });
    await client.subscribe('1', '/queue/q', { 'activemq.prefetchSize': '1' });
    await client.message();
    await client.subscribe('b', '/queue/q', { browser: 'true', ack: 'auto', selector: "kind <> 'm2'" });
    const [first, second, end] = [await client.message(), await client.message(), await client.message()];
    expect([first, second].map(({ body }) => body.toString())).toEqual(['m1', 'm3']);
    expect(end.headers).toEqual(expect.objectContaining({ browser: 'end', 'message-id': '0', subscription: 'b' }));
    expect(end.body).toHaveLength(0);
    expect(broker.queue('q').depth).toBe(3);
  });

  it('a browser with acknowledgements stops at its window of 500', async () => {
    for (let i = 0; i < 601; i++) producer.write('SEND', { destination: '/queue/q' }, 'x');
    await producer.settled();
    await client.subscribe('b', '/queue/q', { browser: 'true' });
    expect(await client.rest()).toHaveLength(500);
  });

  it('an exclusive consumer gets everything, then the other one', async () => {
    await producer.subscribe('1', '/queue/q');
    await client.subscribe('1', '/queue/q', { 'activemq.exclusive': 'true' });
    for (const body of ['m1', 'm2']) await producer.send('/queue/q', body);
    expect(await client.bodies(2)).toEqual(['m1', 'm2']);
    expect(await producer.rest()).toEqual([]);
    client.socket.destroy();
    expect((await producer.message()).headers['redelivered']).toBe('true');
  });

  it('the consumer of higher priority is served first', async () => {
    await producer.subscribe('1', '/queue/q');
    await client.subscribe('1', '/queue/q', { 'activemq.priority': '10', 'activemq.prefetchSize': '1' });
    for (const body of ['m1', 'm2']) await producer.send('/queue/q', body);
    expect([await client.bodies(1), await producer.bodies(1)]).toEqual([['m1'], ['m2']]);
  });

  it('a message group stays with its consumer until that is gone', async () => {
    await producer.subscribe('1', '/queue/q', { ack: 'auto' });
    await client.subscribe('1', '/queue/q', { ack: 'auto' });
    for (const group of ['g0', 'g1', 'g0', 'g1']) await producer.send('/queue/q', group, { JMSXGroupID: group });
    expect(await client.bodies(2)).toEqual(['g1', 'g1']);
    expect(await producer.bodies(2)).toEqual(['g0', 'g0']);
    client.socket.destroy();
    await client.closed;
    await producer.send('/queue/q', 'g1', { JMSXGroupID: 'g1' });
    const message = await producer.message();
    expect(message.body.toString()).toBe('g1');
    expect(message.headers).not.toHaveProperty('JMSXGroupID');
  });

  it('message priorities count only where the policy says so', async () => {
    const sorted = await startBroker({ destinationPolicy: [{ queue: 'sorted', prioritizedMessages: true }] });
    const other = await StompClient.connect(sorted);
    for (const name of ['sorted', 'plain']) {
      for (const priority of ['1', '9', '4']) await other.send(`/queue/${name}`, priority, { priority });
      await other.subscribe(name, `/queue/${name}`);
    }
    expect(await other.bodies(6)).toEqual(['9', '4', '1', '1', '9', '4']);
    await sorted.stop();
  });
});
