import { describe, expect, it, vi } from 'vitest';

import { fakeDelivery, inFlightOf, recordingLogger } from './delivery.fixture.js';
import { BrokerDeadLetterStrategy } from './dead-letter/broker-dead-letter-strategy.js';
import type { DeadLetterStrategy } from './dead-letter/dead-letter-strategy.js';
import { Settlement } from './settlement.js';
import { SettlementReport } from './settlement-report.js';

const FAILED = { attempts: 7, firstFailedAt: 1, lastFailedAt: 2 };

function bench(headers: Record<string, string> = {}, strategy: DeadLetterStrategy = new BrokerDeadLetterStrategy()) {
  const send = vi.fn(() => Promise.resolve());
  const logger = recordingLogger();
  const delivery = fakeDelivery(headers);
  return {
    logger,
    delivery,
    inFlight: inFlightOf(delivery),
    settlement: new Settlement({
      listenerId: 'orders',
      deadLetterStrategy: () => strategy,
      send,
      browse: async function* () {},
      report: new SettlementReport('orders', logger),
    }),
    send,
  };
}

const NONE = { acknowledged: 0, duplicates: 0, redeliveries: 0, deadLettered: 0, discarded: 0, deferred: 0, released: 0 };

describe('Settlement', () => {
  it('counts each fate once, and its counts cannot be changed from outside', async () => {
    const { settlement, inFlight } = bench();
    const before = settlement.report.counts;
    settlement.acknowledge(inFlight);
    settlement.acknowledgeDuplicate(inFlight);
    settlement.report.retrying(inFlight, 1, 6, 10, new Error('no'));
    await settlement.deadLetter(inFlight, 7, FAILED, { reason: 'why', error: new Error('no') });
    settlement.report.released(inFlight, 'why');
    settlement.discard(inFlight, 7, 'why', new Error('no'));
    settlement.report.deferred(inFlight, 10, 'busy');
    expect(before).toEqual(NONE);
    expect(settlement.report.counts).toEqual({
      acknowledged: 1,
      duplicates: 1,
      redeliveries: 1,
      deadLettered: 1,
      discarded: 1,
      deferred: 1,
      released: 1,
    });
  });

  it('writes one line for a dead letter, with the stack, and none for an acknowledgement', async () => {
    const { settlement, inFlight, logger } = bench();
    settlement.acknowledge(inFlight);
    expect(logger.lines).toEqual([]);
    await settlement.deadLetter(inFlight, 1, FAILED, { reason: 'why', error: new TypeError('no') });
    expect(logger.lines).toEqual([
      "error: Listener 'orders': message ID:1 of queue://orders is dead-lettered by the broker after 1 attempt, why: TypeError: no",
    ]);
    expect(logger.stacks[0]).toMatch(/^TypeError: no\n +at /);
  });

  it('does not count what the broker never heard of', async () => {
    const { settlement, inFlight, delivery, logger } = bench();
    delivery.lose();
    expect(await settlement.deadLetter(inFlight, 1, FAILED, { reason: 'why', error: undefined })).toBe('stale');
    expect([settlement.report.counts, logger.lines]).toEqual([NONE, []]);
  });

  it('lets a hostile message forge no line of the log', async () => {
    const { settlement, inFlight, logger } = bench({ 'message-id': 'ID:1\n[Nest] LOG paid', destination: '/queue/a\r\n\u001b[2Jb' });
    settlement.report.retrying(inFlight, 1, 6, 10, new Error('x\n[Nest] LOG paid'));
    await settlement.deadLetter(inFlight, 7, FAILED, { reason: 'why', error: new Error('x\n[Nest] LOG paid') });
    const dead = inFlightOf(fakeDelivery({ destination: '/queue/DLQ.a\r\nb' }));
    await settlement.deadLetter(dead, 7, FAILED, { reason: 'x\ny', error: undefined });
    settlement.discard(inFlight, 1, 'x\ny', 'a\nb');
    settlement.report.released(inFlight, 'why');
    for (const line of logger.lines) expect(line).not.toMatch(/\p{Cc}/u);
    expect(
      logger.stacks[0]
        ?.split('\n')
        .slice(1)
        .every((line) => /^\s+at /.test(line)),
    ).toBe(true);
  });

  it('takes a message whose connection is gone for settled all the same', () => {
    const { settlement, inFlight, delivery, logger } = bench();
    delivery.acknowledge.mockReturnValue(false);
    settlement.acknowledge(inFlight);
    settlement.acknowledgeDuplicate(inFlight);
    expect(logger.lines.every((line) => line.startsWith('debug: '))).toBe(true);
  });

  it('hides no other error', () => {
    const { settlement, inFlight, delivery } = bench();
    delivery.acknowledge.mockImplementation(() => {
      throw new TypeError('a bug');
    });
    expect(() => settlement.acknowledge(inFlight)).toThrow('a bug');
  });
});
