import 'reflect-metadata';
import { JmsListenerEndpointRegistry, JmsMessagingTemplate, NonRetryableError, SharedDeadLetterStrategy } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { listenerOn, LogLines, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

/** A strategy that throws once, where nobody expects it to: it is read, not called. */
function throwingOnce(deadLetterQueue: string): SharedDeadLetterStrategy {
  const strategy = new SharedDeadLetterStrategy({ deadLetterQueue });
  let hasThrown = false;
  const get = () => {
    if (hasThrown) return 0;
    hasThrown = true;
    throw new Error('of the strategy');
  };
  return Object.defineProperty(strategy, 'expiration', { get });
}

it('gives a message back over which an unexpected error happened: the cumulative acknowledgement of the next one does not take it along', async () => {
  const queue = bench.queue();
  const deadLetterQueue = bench.queue('dead');
  const deadLetter = throwingOnce(deadLetterQueue);
  const handled: string[] = [];
  const logger = new LogLines();
  const listener = listenerOn({ destination: queue, ackMode: 'transacted', deadLetter }, ({ payload, redelivered }) => {
    handled.push(`${String(payload)}${redelivered ? ' again' : ''}`);
    if (payload === 'bad') throw new NonRetryableError('no');
  });
  const app = await bench.app({ providers: [listener], options: { logger } });
  const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
  const jms = app.get(JmsMessagingTemplate);
  container.pause();
  for (const text of ['bad', 'good']) await jms.convertAndSend(queue, text);
  await until(() => expect(container.unsettledMessages).toBe(2));
  container.resume();
  await until(() => expect(container.counts).toMatchObject({ acknowledged: 1, deadLettered: 1 }));
  // Its verdict stands: it is not handled again.
  expect(handled).toEqual(['bad', 'good again']);
  expect(logger.text).toMatch(/error Listener .*: message ID:\S+ of \S+ met an error .* goes back to its queue: Error: of the strategy/);
  const client = await bench.client();
  expect([await client.bodies(queue), (await client.bodies(deadLetterQueue)).length]).toEqual([[], 1]);
});
