import 'reflect-metadata';
import { JmsListenerEndpointRegistry, JmsMessagingTemplate, NonRetryableError, SharedDeadLetterStrategy } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { listenerOn, LogLines, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

/** Throws when it is asked where the first dead letter goes. */
class ThrowingOnce extends SharedDeadLetterStrategy {
  isArmed = false;

  override targetFor(...parameters: Parameters<SharedDeadLetterStrategy['targetFor']>) {
    if (this.isArmed) {
      this.isArmed = false;
      throw new Error('of the strategy');
    }
    return super.targetFor(...parameters);
  }
}

it('gives a message back whose strategy threw: the cumulative acknowledgement of the next one does not take it along', async () => {
  const queue = bench.queue();
  const deadLetterQueue = bench.queue('dead');
  const deadLetter = new ThrowingOnce({ deadLetterQueue });
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
  deadLetter.isArmed = true;
  container.resume();
  await until(() => expect(container.counts).toMatchObject({ acknowledged: 1, deadLettered: 1 }));
  // Its verdict stands: it is not handled again.
  expect(handled).toEqual(['bad', 'good again']);
  expect(logger.text).toMatch(/error Listener .*: message ID:\S+ of \S+ met an error .* goes back to its queue: Error: of the strategy/);
  const client = await bench.client();
  expect([await client.bodies(queue), (await client.bodies(deadLetterQueue)).length]).toEqual([[], 1]);
});
