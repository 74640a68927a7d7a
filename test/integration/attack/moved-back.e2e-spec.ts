import 'reflect-metadata';
import { describe, expect, it } from 'vitest';

import { countsOf, deadLetters, listenerOn, until } from '../framework/delivery.fixture.js';
import { Bench } from '../framework/framework.fixture.js';

const bench = Bench.forFile();

describe("a dead letter that was moved back by hand, in mode 'scheduled'", () => {
  it('gets as many attempts as any other message', async () => {
    const queue = bench.queue();
    let attempts = 0;
    const redelivery = { mode: 'scheduled', maximumRedeliveries: 1, initialRedeliveryDelay: 10, redeliveryDelay: 10 } as const;
    const Listener = listenerOn({ destination: queue, redelivery }, () => {
      if (++attempts < 8) throw new Error('no');
    });
    const app = await bench.app({ providers: [Listener] });
    const client = await bench.client();
    await client.send(queue, 'x', {
      idempotencyKey: queue,
      deadLetterReason: 'no',
      deliveryCount: '2',
      originalDestination: `queue://${queue}`,
    });
    await until(() => expect(countsOf(app).deadLettered + countsOf(app).acknowledged).toBe(1));
    expect(attempts).toBe(2);
    expect(await deadLetters(bench, queue)).toHaveLength(1);
  });
});
