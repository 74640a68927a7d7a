import 'reflect-metadata';
import { JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { countsOf, deadLetters, FAST, listenerOn, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

describe('a handler that writes to its message', () => {
  it.each(['local', 'scheduled'] as const)("changes neither what is retried in mode '%s' nor the dead letter", async (mode) => {
    const queue = bench.queue();
    const seen: string[] = [];
    const app = await bench.app({
      providers: [
        listenerOn({ destination: queue, redelivery: { ...FAST, mode } }, (message) => {
          const { body, payload, headers } = message as JmsMessage<Buffer>;
          seen.push(`${String(body)} ${String(payload)} ${headers['currency']}`);
          body.fill('0');
          payload.fill('1');
          Object.assign(headers, { currency: 'USD' });
        }),
      ],
    });
    const { idempotencyKey } = await app
      .get(JmsMessagingTemplate)
      .convertAndSend(queue, Buffer.from('abc'), { headers: { currency: 'EUR' } });
    await until(() => expect(countsOf(app).deadLettered).toBe(1));
    expect(seen).toEqual(Array.from({ length: FAST.maximumRedeliveries + 1 }, () => 'abc abc EUR'));
    const [dead] = await deadLetters(bench, idempotencyKey);
    expect([dead?.body.toString(), dead?.headers['currency']]).toEqual(['abc', 'EUR']);
  });
});
