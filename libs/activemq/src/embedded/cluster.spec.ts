import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { EmbeddedCluster } from './embedded-cluster.js';
import { StompClient } from './stomp-client.fixture.js';

describe('an embedded cluster', () => {
  let cluster: EmbeddedCluster;

  beforeEach(async () => {
    cluster = await new EmbeddedCluster({ log: () => undefined }).start();
  });
  afterEach(() => cluster.stop());

  async function connect(node: string, headers = {}): Promise<StompClient> {
    const client = new StompClient(cluster.connect(node));
    client.write('CONNECT', { 'accept-version': '1.2', ...headers });
    await client.next(({ command }) => command === 'CONNECTED');
    return client;
  }

  function refusal(node: string): Promise<NodeJS.ErrnoException> {
    return new Promise((resolve) => cluster.connect(node).on('error', resolve));
  }

  it('has one master; the slave refuses connections', async () => {
    expect(cluster.masterName).toBe('a');
    expect((await refusal('b')).code).toBe('ECONNREFUSED');
  });

  it('keeps what was confirmed when its master is killed, and forgets what was in flight', async () => {
    const before = await connect('a');
    await before.send('/queue/q', 'taken');
    await before.send('/queue/q', 'kept');
    await before.send('/queue/q', 'lost', { persistent: 'false' });
    await before.subscribe('1', '/queue/q');
    const taken = await before.message();
    await before.message();
    await before.ack(taken);
    await cluster.killMaster();
    await before.closed;
    expect(cluster.masterName).toBe('b');
    expect((await refusal('a')).code).toBe('ECONNREFUSED');
    const after = await connect('b');
    await after.subscribe('1', '/queue/q', { selector: 'JMSXDeliveryCount = 1' });
    const message = await after.message();
    expect([message.body.toString(), message.headers['redelivered']]).toEqual(['kept', undefined]);
    expect(await after.rest()).toEqual([]);
  });

  it('keeps neither the SENDs nor the ACKs of an open transaction', async () => {
    const before = await connect('a');
    await before.send('/queue/in', 'm');
    await before.subscribe('1', '/queue/in');
    await before.ask('BEGIN', { transaction: 't' });
    await before.send('/queue/out', 'm', { transaction: 't' });
    await before.ack(await before.message(), { transaction: 't' });
    await cluster.killMaster();
    expect([cluster.master.queue('in').depth, cluster.master.queue('out').depth]).toEqual([1, 0]);
  });

  it('keeps durable subscriptions', async () => {
    const before = await connect('a', { 'client-id': 'c' });
    await before.subscribe('1', '/topic/t', { 'activemq.subscriptionName': 's' });
    await before.ask('UNSUBSCRIBE', { id: '1' });
    await before.send('/topic/t', 'kept');
    await cluster.killMaster();
    const after = await connect('b', { 'client-id': 'c' });
    await after.send('/topic/t', 'new');
    await after.subscribe('1', '/topic/t', { 'activemq.subscriptionName': 's' });
    expect(await after.bodies(2)).toEqual(['kept', 'new']);
  });

  it('goes back and forth as its nodes die and return', async () => {
    for (const expected of ['b', 'a', 'b']) {
      const dead = cluster.masterName ?? '';
      await cluster.killMaster();
      expect(cluster.masterName).toBe(expected);
      await cluster.restart(dead);
      expect((await refusal(dead)).code).toBe('ECONNREFUSED');
    }
  });

  it('has no master when all are dead, and one again after a restart', async () => {
    await cluster.killMaster();
    await cluster.killMaster();
    expect(cluster.masterName).toBeUndefined();
    expect(() => cluster.master).toThrow('has no master');
    await cluster.restart('a');
    expect(cluster.masterName).toBe('a');
  });

  it('lets a slave take its time', async () => {
    const slow = await new EmbeddedCluster({ log: () => undefined, takeoverDelay: 20 }).start();
    const takenOver = slow.killMaster();
    expect(slow.masterName).toBeUndefined();
    await takenOver;
    expect(slow.masterName).toBe('b');
    await slow.stop();
  });

  it.each([
    [{ nodes: ['a'] }, 'two or more names'],
    [{ nodes: ['a', 'a'] }, 'two or more names'],
    [{ takeoverDelay: -1 }, 'takeoverDelay is -1'],
  ])('refuses %j', (options, message) => {
    expect(() => new EmbeddedCluster(options)).toThrow(message);
  });

  it('refuses a node it does not have', () => {
    expect(() => cluster.connect('c')).toThrow('has no node "c": use one of a, b');
  });
});
