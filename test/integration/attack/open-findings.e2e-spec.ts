import 'reflect-metadata';
import { JmsListenerEndpointRegistry } from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { countsOf, listenerOn, until } from '../framework/delivery.fixture.js';
import { Bench, deferred } from '../framework/framework.fixture.js';

const bench = Bench.forFile();
const DEAD = { maximumRedeliveries: 0 };

describe('the crash-loop guard', () => {
  it('does not bury a message that no handler ever had, which a paused listener gave back at each deploy', async () => {
    const queue = bench.queue();
    const client = await bench.client();
    await client.send(queue, 'innocent', { idempotencyKey: queue });
    const redelivery = { maximumRedeliveries: 2 };
    for (let deploys = 0; deploys < 4; deploys++) {
      const handled: string[] = [];
      const app = await bench.app({
        providers: [listenerOn({ id: 'l', destination: queue, redelivery, autoStartup: false }, () => void handled.push('x'))],
      });
      const container = app.get(JmsListenerEndpointRegistry).getListenerContainer('l')!;
      container.start();
      container.pause();
      await until(() => expect(container.unsettledMessages).toBe(1));
      await app.close();
      expect(handled).toEqual([]);
    }
    const handled: string[] = [];
    const app = await bench.app({ providers: [listenerOn({ id: 'l', destination: queue, redelivery }, () => void handled.push('x'))] });
    await until(() => expect(countsOf(app).acknowledged + countsOf(app).deadLettered).toBe(1));
    expect(handled).toEqual(['x']);
  });
});

describe('a leaking subscription', () => {
  it('has no other instance handle what another listener of the connection is still at, when its session is renewed', async () => {
    const [bad, slow] = [bench.queue(), bench.queue()];
    const runs: string[] = [];
    const { promise: release, resolve } = deferred();
    const make = (name: string) => [
      listenerOn({ id: 'bad', destination: bad, concurrency: 2, redelivery: DEAD }, () => {
        throw new Error('no');
      }),
      listenerOn({ id: 'slow', destination: slow, redelivery: DEAD }, async () => {
        runs.push(name);
        await release;
      }),
    ];
    const one = await bench.app({ providers: make('one') });
    const client = await bench.client();
    await one.get(JmsListenerEndpointRegistry).getListenerContainer('slow')!.whenSubscribed();
    await client.send(slow, 'x');
    await until(() => expect(runs).toEqual(['one']));
    const two = await bench.app({ providers: make('two') });
    await two.get(JmsListenerEndpointRegistry).stop('bad');
    await Promise.all(Array.from({ length: 1100 }, (_, n) => client.send(bad, String(n))));
    await until(() => expect(countsOf(one, 'bad').deadLettered).toBe(1100));
    await new Promise((later) => setTimeout(later, 1_000));
    resolve();
    await until(async () => expect(await client.bodies(slow)).toEqual([]));
    expect(runs).toEqual(['one']);
  });
});
