import 'reflect-metadata';
import { JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { listenerOn } from '../framework/delivery.fixture.js';
import { Bench } from '../framework/framework.fixture.js';

const bench = Bench.forFile();

describe('an application that asks itself', () => {
  it.each(['auto', 'transacted'] as const)("gets its reply, of a listener in mode '%s'", async (ackMode) => {
    const queue = bench.queue('prices');
    const app = await bench.app({ providers: [listenerOn({ destination: queue, ackMode }, (message) => `re ${message.text()}`)] });
    expect(await app.get(JmsMessagingTemplate).convertSendAndReceive(queue, 'x', { timeout: 3_000 })).toBe('re x');
  });
});
