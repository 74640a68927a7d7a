import 'reflect-metadata';
import { JmsListenerEndpointRegistry } from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { countsOf, listenerOn, LogLines, until } from './delivery.fixture.js';
import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

describe('the crash-loop guard', () => {
  it('lets the other channels start when the listener was paused as it ended', async () => {
    const queue = bench.queue();
    const client = await bench.client();
    for (const order of ['a', 'b']) await client.send(queue, order);
    for (let deaths = 0; deaths < 4; deaths++) {
      const dying = await bench.client();
      const { frames } = await dying.take(queue);
      await until(() => expect(frames).toHaveLength(2));
      await dying.close();
    }
    const { promise: release, resolve } = deferred();
    const started: string[] = [];
    const options = {
      id: 'orders',
      destination: queue,
      concurrency: 2,
      ackMode: 'transacted',
      redelivery: { maximumRedeliveries: 0 },
    } as const;
    const Listener = listenerOn(options, async (message) => {
      started.push(message.text());
      if (message.text() === 'fresh') await release;
    });
    const logger = new LogLines();
    const app = await bench.app({ providers: [Listener], options: { logger } });
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainer('orders')!;
    await until(() => expect(countsOf(app).acknowledged).toBe(2));
    // Without the guard all channels would have started at once, and the rest would prove nothing.
    expect(logger.text).toContain(`warn Listener 'orders': queue://${queue} holds messages that have ended several consumers`);
    await client.send(queue, 'fresh');
    await until(() => expect(started).toContain('fresh'));
    container.pause();
    resolve();
    await until(() => expect(countsOf(app).acknowledged).toBe(3));
    container.resume();
    await until(() => expect(container.state).toBe('running'));
  });
});
