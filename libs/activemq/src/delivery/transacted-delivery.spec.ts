import { describe, expect, it, vi } from 'vitest';

import type { SessionTransaction } from '../connection/session-transaction.js';
import { BrokerError, ConnectionClosedError, TransactionRolledBackError } from '../errors/index.js';
import type { MessageHandler } from './handler-run.js';
import { SharedDeadLetterStrategy } from './dead-letter/shared-dead-letter-strategy.js';
import { fakeDelivery, inFlightOf, noWaiting, processBench } from './delivery.fixture.js';
import type { DeliveryProcessSettings } from './delivery-process.js';
import type { InFlightMessage } from './in-flight-message.js';

/** A transaction in which something was sent, or nothing. */
function fakeTransaction(more: { readonly isEmpty?: boolean; readonly hasLostSend?: boolean } = {}) {
  return {
    isEmpty: more.isEmpty ?? false,
    hasLostSend: more.hasLostSend ?? false,
    commit: vi.fn(() => Promise.resolve()),
    rollback: vi.fn(() => Promise.resolve()),
  };
}

function transactedBench(handler: MessageHandler, transaction = fakeTransaction(), more: Partial<DeliveryProcessSettings> = {}) {
  const { timers, pauses } = noWaiting();
  const bench = processBench(handler, {
    ackMode: 'transacted',
    policy: { maximumRedeliveries: 1, initialRedeliveryDelay: 5 },
    deadLetter: new SharedDeadLetterStrategy(),
    timers,
    more,
  });
  const deliver = (headers: Readonly<Record<string, string>> = {}) => {
    const delivery = fakeDelivery({ persistent: 'true', ...headers });
    delivery.begin.mockReturnValue(transaction as unknown as SessionTransaction);
    return delivery;
  };
  return { ...bench, transaction, pauses, deliver };
}

const lost = () => new TransactionRolledBackError('not sent', { cause: new ConnectionClosedError('cut') });
const kinds = ({ outcomes }: ReturnType<typeof transactedBench>) => outcomes.map(({ kind }) => kind);

describe('a transacted delivery', () => {
  it('is acknowledged in its transaction, with what its handler sent', async () => {
    const bench = transactedBench(() => Promise.resolve());
    const delivery = bench.deliver();
    expect(await bench.process.run(inFlightOf(delivery))).toBe('settled');
    expect(delivery.acknowledgeIn).toHaveBeenCalledExactlyOnceWith(bench.transaction);
    expect([bench.transaction.commit.mock.calls.length, delivery.acknowledge.mock.calls.length, kinds(bench)]).toEqual([
      1,
      0,
      ['acknowledged'],
    ]);
  });

  it('closes a transaction in which nothing was sent before it acknowledges by itself', async () => {
    const bench = transactedBench(() => Promise.resolve(), fakeTransaction({ isEmpty: true }));
    const delivery = bench.deliver();
    delivery.acknowledge.mockImplementation(() => {
      expect(bench.transaction.commit).toHaveBeenCalledTimes(1);
      return true;
    });
    await bench.process.run(inFlightOf(delivery));
    expect([delivery.acknowledge.mock.calls.length, delivery.acknowledgeIn.mock.calls.length]).toEqual([1, 0]);
  });

  it('rolls back each failed attempt, counts it, and is dead-lettered', async () => {
    const bench = transactedBench(() => Promise.reject(new Error('no')));
    const delivery = bench.deliver();
    await bench.process.run(inFlightOf(delivery));
    expect([bench.transaction.rollback.mock.calls.length, bench.transaction.commit.mock.calls.length]).toEqual([2, 0]);
    expect([kinds(bench), bench.pauses]).toEqual([['retrying', 'dead-lettered'], [5]]);
  });

  it('is rolled back before its next attempt when the broker refused its acknowledgement, which left the transaction open', async () => {
    const bench = transactedBench(() => Promise.resolve());
    const delivery = bench.deliver();
    delivery.acknowledgeIn.mockRejectedValueOnce(new BrokerError('no', undefined));
    bench.transaction.commit.mockImplementation(() => {
      expect(bench.transaction.rollback).toHaveBeenCalledTimes(1);
      return Promise.resolve();
    });
    await bench.process.run(inFlightOf(delivery));
    expect(kinds(bench)).toEqual(['retrying', 'acknowledged']);
  });

  it('counts as failed when another connection than its own was lost', async () => {
    const bench = transactedBench(() => Promise.reject(lost()));
    await bench.process.run(inFlightOf(bench.deliver()));
    expect(kinds(bench)).toEqual(['retrying', 'dead-lettered']);
  });

  it('leaves no failures behind: a message that is moved back by hand with the same id begins anew', async () => {
    const handler = vi.fn<MessageHandler>().mockRejectedValueOnce(new Error('no')).mockResolvedValue(undefined);
    const bench = transactedBench(handler);
    const inFlight = inFlightOf(bench.deliver());
    await bench.process.run(inFlight);
    expect([kinds(bench), bench.memory.failuresOf(inFlight.key).attempts]).toEqual([['retrying', 'acknowledged'], 0]);
  });

  it('is tried again when the broker refused to commit, whatever its claim was', async () => {
    const attempt = { run: (handler: () => Promise<unknown>) => handler(), complete: vi.fn(), release: vi.fn(() => Promise.resolve()) };
    const bench = transactedBench(() => Promise.resolve(), fakeTransaction(), {
      gate: { enter: () => Promise.resolve({ kind: 'enter', attempt }) },
    });
    bench.transaction.commit.mockRejectedValue(new BrokerError('no space', undefined));
    await bench.process.run(inFlightOf(bench.deliver()));
    expect([attempt.release.mock.calls.length, attempt.complete.mock.calls.length, kinds(bench)]).toEqual([
      2,
      0,
      ['retrying', 'dead-lettered'],
    ]);
  });

  it('is completed at its gate after the commit', async () => {
    const complete = vi.fn(() => {
      expect(bench.transaction.commit).toHaveBeenCalledTimes(1);
      return Promise.resolve({ kind: 'completed' } as const);
    });
    const attempt = { run: (handler: () => Promise<unknown>) => handler(), complete, release: () => Promise.resolve() };
    const bench = transactedBench(() => Promise.resolve('result'), fakeTransaction(), {
      gate: { enter: () => Promise.resolve({ kind: 'enter', attempt }) },
    });
    await bench.process.run(inFlightOf(bench.deliver()));
    expect(complete).toHaveBeenCalledExactlyOnceWith('result');
  });
});

describe('a transacted delivery whose connection is lost', () => {
  it('is given back uncounted when that is why it failed', async () => {
    const bench = transactedBench(() => {
      delivery.lose();
      return Promise.reject(lost());
    });
    const delivery = bench.deliver();
    expect(await bench.process.run(inFlightOf(delivery))).toBe('settled');
    expect([kinds(bench), bench.memory.failuresOf(inFlightOf(delivery).key).attempts]).toEqual([['released'], 0]);
  });

  it.each([
    ['its handler failed for a reason of its own', new Error('no'), {}, 2],
    // Bad luck the first five times, but no more: it may be what ends connections.
    ['the broker had a message of it and had not answered, time and again', lost(), { hasLostSend: true }, 7],
  ])('counts as failed when %s, and ends as a dead letter', async (_, error, transaction, attempts) => {
    let delivery!: ReturnType<typeof fakeDelivery>;
    let inFlight!: InFlightMessage;
    const handler = vi.fn(() => {
      delivery.lose();
      inFlight.interrupt();
      return Promise.reject(error);
    });
    const bench = transactedBench(handler, fakeTransaction(transaction));
    for (let n = 0; n <= attempts; n++) {
      delivery = bench.deliver();
      inFlight = inFlightOf(delivery);
      await bench.process.run(inFlight);
    }
    expect([handler.mock.calls.length, delivery.replaceWith.mock.calls.length]).toEqual([attempts, 1]);
    expect(kinds(bench).at(-1)).toBe('dead-lettered');
  });

  it('is given back uncounted however often it is lost, while the broker had no message of it', async () => {
    let delivery!: ReturnType<typeof fakeDelivery>;
    const bench = transactedBench(() => {
      delivery.lose();
      return Promise.reject(lost());
    });
    for (let n = 0; n < 10; n++) {
      delivery = bench.deliver();
      await bench.process.run(inFlightOf(delivery));
    }
    expect(kinds(bench)).toEqual(Array.from({ length: 10 }, () => 'released'));
  });

  it('is tried again at once, uncounted, when it was delivered again meanwhile and joined the attempt', async () => {
    const attempts: number[] = [];
    const bench = transactedBench((message) => {
      attempts.push(message.deliveryCount);
      if (attempts.length > 2) return Promise.resolve();
      delivery.lose();
      inFlight.rebind((delivery = bench.deliver()));
      return attempts.length === 1 ? Promise.reject(lost()) : Promise.resolve();
    });
    let delivery = bench.deliver();
    const inFlight = inFlightOf(delivery);
    bench.transaction.commit.mockRejectedValueOnce(new ConnectionClosedError('cut'));
    expect(await bench.process.run(inFlight)).toBe('settled');
    expect([attempts, kinds(bench)]).toEqual([[1, 1, 1], ['acknowledged']]);
  });

  it('is given back when the broker did not confirm the commit: nobody knows whether it happened', async () => {
    const bench = transactedBench(() => Promise.resolve());
    const delivery = bench.deliver();
    bench.transaction.commit.mockImplementation(() => {
      delivery.lose();
      return Promise.reject(new ConnectionClosedError('cut'));
    });
    await bench.process.run(inFlightOf(delivery));
    expect(kinds(bench)).toEqual(['released']);
  });
});

describe('the transaction around whoever resumed a listener', () => {
  it('is none of its deliveries', async () => {
    const transactions: unknown[] = [];
    const inTransaction = <T>(transaction: unknown, work: () => Promise<T>) => {
      transactions.push(transaction);
      return work();
    };
    const bench = transactedBench(() => Promise.resolve(), fakeTransaction(), { inTransaction });
    await bench.process.run(inFlightOf(bench.deliver()));
    expect(transactions).toEqual([undefined, bench.transaction]);
  });
});
