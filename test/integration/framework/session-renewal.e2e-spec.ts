import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { JmsListener, JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { Bench, deferred } from './framework.fixture.js';

const bench = Bench.forFile();
/** A session is left after 1000 dead letters, because ActiveMQ keeps each of them until the session ends. */
const DEAD_LETTERS = 1_100;

describe('a session that is left because ActiveMQ remembers its dead letters', () => {
  it('hands nothing that still runs to anybody else, whichever listener runs it', async () => {
    const [bad, slow] = [bench.queue('bad'), bench.queue('slow')];
    const { promise: release, resolve } = deferred();
    const started = vi.fn();
    @Injectable()
    class Orders {
      @JmsListener({ id: 'bad', destination: bad, concurrency: 5, redelivery: { maximumRedeliveries: 0 } })
      bad(): never {
        throw new Error('no');
      }

      @JmsListener({ id: 'slow', destination: slow })
      async slow(order: string): Promise<void> {
        started(order);
        await release;
      }
    }
    const app = await bench.app({ providers: [Orders] });
    const [jms, registry] = [app.get(JmsMessagingTemplate), app.get(JmsListenerEndpointRegistry)];
    await jms.convertAndSend(slow, 'x');
    await vi.waitFor(() => expect(started).toHaveBeenCalledTimes(1), 10_000);
    const other = await (await bench.client()).take(slow);
    await Promise.all(Array.from({ length: DEAD_LETTERS }, (_, order) => jms.convertAndSend(bad, order)));
    await vi.waitFor(() => expect(registry.getListenerContainer('bad')!.counts.deadLettered).toBe(DEAD_LETTERS), 50_000);
    expect(other.frames.map(({ body }) => body.toString())).toEqual([]);
    resolve();
    await vi.waitFor(() => expect(registry.getListenerContainer('slow')!.counts.acknowledged).toBe(1), 10_000);
    await other.stop();
    expect([started.mock.calls.length, await (await bench.client()).bodies(slow)]).toEqual([1, []]);
  });
});
