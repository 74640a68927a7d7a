import { describe, expect, it, vi } from 'vitest';

import { noWaiting, processBench } from '../delivery/delivery.fixture.js';
import type { JmsMessage } from '../message/jms-message.js';
import { deliveryOf, gateBench } from './idempotency-gate.fixture.js';

const message = () => deliveryOf({ idempotencyKey: '1', 'reply-to': '/temp-queue/a' });

/** A listener's delivery with the gate before it, whose first reply is lost. */
async function bench(result: unknown) {
  const { gate } = await gateBench();
  const handler = vi.fn(() => Promise.resolve(result));
  const sent: unknown[] = [];
  const reply = vi.fn((_message: JmsMessage, value: unknown) => {
    if (reply.mock.calls.length === 1) return Promise.reject(new Error('the connection is gone'));
    sent.push(value);
    return Promise.resolve();
  });
  return { ...processBench(handler, { timers: noWaiting().timers, more: { gate, reply } }), handler, reply, sent };
}

describe('a reply that is lost', () => {
  it('is sent again from the stored result, and the handler does not run again', async () => {
    const { process, handler, sent, settlement } = await bench({ total: 3 });
    expect(await process.run(message())).toBe('settled');
    expect(handler).toHaveBeenCalledTimes(1);
    expect(sent).toEqual([{ total: 3 }]);
    expect(settlement.report.counts).toMatchObject({ duplicates: 1, redeliveries: 1, acknowledged: 0 });
  });

  it('to another copy of its message, too', async () => {
    const { process, handler, sent } = await bench('done');
    await process.run(message());
    await process.run(message());
    expect(handler).toHaveBeenCalledTimes(1);
    expect(sent).toEqual(['done', 'done']);
  });

  it('is not sent again when its result was too large to be kept: the message is acknowledged all the same', async () => {
    const { process, handler, sent, settlement } = await bench('x'.repeat(20_000));
    expect(await process.run(message())).toBe('settled');
    expect(handler).toHaveBeenCalledTimes(1);
    expect(sent).toEqual([]);
    expect(settlement.report.counts).toMatchObject({ duplicates: 1 });
  });

  it('ends as a dead letter when it can never be sent: nobody who asks with a bad reply-to holds a slot for ever', async () => {
    const { process, handler, reply, settlement } = await bench('done');
    reply.mockImplementation(() => Promise.reject(new Error('not authorised')));
    expect(await process.run(message())).toBe('settled');
    expect([handler.mock.calls.length, reply.mock.calls.length]).toEqual([1, 7]);
    expect(settlement.report.counts).toMatchObject({ redeliveries: 6, deadLettered: 1 });
  });
});
