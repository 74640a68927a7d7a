import 'reflect-metadata';
import { JmsListenerEndpointRegistry } from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { listenerOn, until } from './delivery.fixture.js';
import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

describe('a cumulative acknowledgement', () => {
  it('takes no running message with it when the concurrency was raised', async () => {
    const queue = bench.queue();
    const { promise: release, resolve } = deferred();
    const done: string[] = [];
    const Listener = listenerOn({ id: 'orders', destination: queue }, async (message) => {
      if (message.text() === 'first') await release;
      done.push(message.text());
    });
    const app = await bench.app({ providers: [Listener], options: { shutdownTimeout: 50 } });
    const registry = app.get(JmsListenerEndpointRegistry);
    const client = await bench.client();
    for (const body of ['first', 'second', 'third']) await client.send(queue, body);
    await until(() => expect(registry.getListenerContainer('orders')!.unsettledMessages).toBe(3));
    const resized = registry.setConcurrency('orders', 5);
    await until(() => expect(done).toEqual(['second', 'third']));
    await until(async () => expect(await client.bodies(queue)).not.toContain('third'));
    const whileItRuns = await client.bodies(queue);
    resolve();
    await resized;
    expect(whileItRuns).toEqual(['first']);
    await until(async () => expect(await client.bodies(queue)).toEqual([]));
    expect(done).toEqual(['second', 'third', 'first']);
  });

  it.each(['auto', 'transacted'] as const)(
    "takes no message with it that came, after a failover, in front of the one that still runs, in mode '%s'",
    async (ackMode) => {
      const queue = bench.queue();
      const [proxy, client, other] = [await bench.proxy(), await bench.client(), await bench.client()];
      // The oldest message is another consumer's at first.
      await client.send(queue, 'oldest');
      const { frames } = await other.take(queue, 2);
      await until(() => expect(frames).toHaveLength(1));
      const releases = { running: deferred(), oldest: deferred() };
      const started: string[] = [];
      const done: string[] = [];
      const Listener = listenerOn({ id: 'orders', destination: queue, ackMode, priority: 10 }, async (message) => {
        const name = message.text() as keyof typeof releases;
        started.push(name);
        await releases[name].promise;
        done.push(name);
      });
      const app = await bench.app({
        providers: [Listener],
        options: { shutdownTimeout: 50, brokerUrl: `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=10` },
      });
      const container = app.get(JmsListenerEndpointRegistry).getListenerContainer('orders')!;
      await container.whenSubscribed();
      await client.send(queue, 'running');
      await until(() => expect(started).toEqual(['running']));
      proxy.break();
      // While we are away it gets ours too; then both come back, in their order.
      await until(() => expect(frames).toHaveLength(2));
      await other.close();
      proxy.repair();
      await until(() => expect(container.unsettledMessages).toBeGreaterThanOrEqual(2));
      releases.running.resolve();
      await until(() => expect(started).toContain('oldest'));
      // Its handler has not even succeeded.
      const whileItRuns = await client.bodies(queue);
      releases.oldest.resolve();
      await until(async () => expect(await client.bodies(queue)).toEqual([]));
      expect(whileItRuns).toContain('oldest');
      expect(done).toEqual(['running', 'oldest']);
      expect(container.counts).toMatchObject({ deadLettered: 0, redeliveries: 0 });
    },
  );
});
