import 'reflect-metadata';
import { Injectable, type Type } from '@nestjs/common';
import { JmsListener, JmsMessage } from 'nestjs-activemq';
import { getIdempotencyContext, Idempotent } from 'nestjs-activemq/idempotency';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { Bench } from '../../framework/framework.fixture.js';
import { containerOf, RedisBench } from './listeners.fixture.js';
import { buildPackage, MortalConsumer, type MortalConsumerSettings } from './mortal-consumer.js';

const bench = Bench.forFile();
const redis = RedisBench.forFile();
const WAIT = { timeout: 30_000 };
const LEASE = 3_000;
const consumers: MortalConsumer[] = [];

beforeAll(buildPackage, 300_000);
afterEach(async () => {
  for (const consumer of consumers.splice(0)) await consumer.kill();
});

async function mortal(queue: string, dies: MortalConsumerSettings['dies'], maximumRedeliveries?: number): Promise<MortalConsumer> {
  const settings = { brokerUrl: bench.cluster.brokerUrl, redisUrl: redis.server.url, queue, leaseMs: LEASE, maximumRedeliveries, dies };
  const consumer = await MortalConsumer.start(settings);
  consumers.push(consumer);
  return consumer;
}

/** A consumer in this process, which lives. */
function survivor(destination: string, handle: (message: JmsMessage) => unknown, maximumRedeliveries?: number): Type {
  @Injectable()
  class Survivor {
    @JmsListener({ destination, redelivery: { maximumRedeliveries } })
    @Idempotent({ scope: 'test', leaseMs: LEASE })
    async onMessage(message: JmsMessage): Promise<unknown> {
      return handle(message);
    }
  }
  return Survivor;
}

describe('a consumer that dies', () => {
  it('while handling: another handles the message when the lease has ended, never before (10)', async () => {
    const queue = bench.queue();
    const victim = await mortal(queue, 'while handling');
    const counts: (number | undefined)[] = [];
    await (await bench.client()).send(queue, 'x', { idempotencyKey: 'k' });
    await victim.dead();
    const died = performance.now();
    const providers = [survivor(queue, () => counts.push(getIdempotencyContext()?.claimCount))];
    const other = await bench.app({ providers, options: { idempotency: redis.options() } });
    await vi.waitFor(() => expect(counts).toHaveLength(1), { ...WAIT, interval: 5 });
    // Claimed shortly before it died.
    expect(performance.now() - died).toBeGreaterThan(LEASE - 500);
    expect(counts).toEqual([2]);
    await vi.waitFor(() => expect(containerOf(other).counts.acknowledged).toBe(1), WAIT);
  });

  it('after the handler, before its record: the message is handled again, as the documents say (11)', async () => {
    const queue = bench.queue();
    const victim = await mortal(queue, 'before complete');
    await (await bench.client()).send(queue, 'x', { idempotencyKey: 'k' });
    await victim.dead();
    expect(victim.told).toEqual(['ready', 'handling x']);
    const handle = vi.fn();
    const app = await bench.app({ providers: [survivor(queue, handle)], options: { idempotency: redis.options() } });
    await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(1), WAIT);
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('after its record, before the acknowledgement: the message is not handled again (12)', async () => {
    const queue = bench.queue();
    const victim = await mortal(queue, 'after complete');
    await (await bench.client()).send(queue, 'x', { idempotencyKey: 'k' });
    await victim.dead();
    const handle = vi.fn();
    const app = await bench.app({ providers: [survivor(queue, handle)], options: { idempotency: redis.options() } });
    await vi.waitFor(() => expect(containerOf(app).counts.duplicates).toBe(1), WAIT);
    expect(handle).not.toHaveBeenCalled();
  });

  it('each time it handles a message: after maximumRedeliveries + 1 deaths the message is dead-lettered, with that reason', async () => {
    const queue = bench.queue();
    const client = await bench.client();
    // A copy for each consumer: the broker's own count of deliveries tells nothing.
    for (let death = 0; death < 2; death++) {
      const victim = await mortal(queue, 'while handling', 1);
      await client.send(queue, 'x', { idempotencyKey: queue });
      await victim.dead();
    }
    const handle = vi.fn();
    const app = await bench.app({ providers: [survivor(queue, handle, 1)], options: { idempotency: redis.options() } });
    const dead = async () => (await client.browse('ActiveMQ.DLQ')).filter(({ headers }) => headers['idempotencyKey'] === queue);
    await vi.waitFor(async () => expect((await dead()).length).toBeGreaterThanOrEqual(1), WAIT);
    expect((await dead())[0]?.headers['deadLetterReason']).toMatch(/^IDEMPOTENCY_CRASH_LOOP: 2 consumers/);
    expect(containerOf(app).gate?.refused).toBeGreaterThanOrEqual(1);
  });
});

describe('a consumer that stands still', () => {
  it('for two leases: its end is lost, and its message a duplicate of what another did meanwhile (14, 16)', async () => {
    const queue = bench.queue();
    const zombie = await mortal(queue, 'never');
    const client = await bench.client();
    await client.send(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(zombie.told).toContain('handling x'), WAIT);
    zombie.signal('SIGSTOP');
    const handle = vi.fn();
    const app = await bench.app({ providers: [survivor(queue, handle)], options: { idempotency: redis.options() } });
    await client.send(queue, 'x', { idempotencyKey: 'k' });
    await client.send(queue, 'x', { idempotencyKey: 'k' });
    await vi.waitFor(() => expect(handle).toHaveBeenCalledTimes(1), WAIT);
    await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(1), WAIT);
    zombie.signal('SIGCONT');
    zombie.finish();
    await vi.waitFor(() => expect(zombie.told).toContain('lost'), WAIT);
    await vi.waitFor(async () => expect(await client.bodies(queue)).toEqual([]), WAIT);
    expect(await redis.states()).toEqual({ processing: 0, completed: 1 });
    expect(handle).toHaveBeenCalledTimes(1);
  });
});
