import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ConnectionClosedError, IllegalStateError } from '../errors/index.js';
import { fakeDelivery, inFlightOf, lateEnd, processBench } from './delivery.fixture.js';
import type { JmsAcknowledgment } from './jms-acknowledgment.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

/** A manual listener that hands its acknowledgment out. */
function manualBench(decide: (acknowledgment: JmsAcknowledgment, attempt: number) => void = () => undefined) {
  const acknowledgments: JmsAcknowledgment[] = [];
  const bench = processBench(
    async (_, acknowledgment) => {
      acknowledgments.push(acknowledgment);
      decide(acknowledgment, acknowledgments.length);
      await Promise.resolve();
    },
    { ackMode: 'manual', policy: { maximumRedeliveries: 1, initialRedeliveryDelay: 10 } },
  );
  const delivery = fakeDelivery();
  return { ...bench, acknowledgments, delivery, inFlight: inFlightOf(delivery) };
}

const settled = ({ acknowledge, reject }: ReturnType<typeof fakeDelivery>) => [acknowledge.mock.calls.length, reject.mock.calls.length];

describe('a decision in the handler', () => {
  it('acknowledge() acknowledges', async () => {
    const { process, inFlight, delivery } = manualBench((acknowledgment) => acknowledgment.acknowledge());
    expect(await process.run(inFlight)).toBe('settled');
    expect(settled(delivery)).toEqual([1, 0]);
  });

  it('reject() dead-letters at once, with its reason', async () => {
    const { process, inFlight, delivery, logger } = manualBench((acknowledgment) => acknowledgment.reject('no such customer'));
    expect(await process.run(inFlight)).toBe('settled');
    expect(settled(delivery)).toEqual([0, 1]);
    expect(logger.lines.at(-1)).toMatch(/is dead-lettered by the broker after 1 attempt, rejected: no such customer$/);
  });

  it('recover() is a failed attempt', async () => {
    const { process, inFlight, delivery, acknowledgments } = manualBench((acknowledgment) => acknowledgment.recover());
    const run = process.run(inFlight);
    await vi.advanceTimersByTimeAsync(10);
    await run;
    expect(acknowledgments).toHaveLength(2);
    expect(settled(delivery)).toEqual([0, 1]);
  });

  it('stands when the handler fails after it, and the failure is logged', async () => {
    const { process, inFlight, delivery, logger } = manualBench((acknowledgment) => {
      acknowledgment.acknowledge();
      throw new Error('too late');
    });
    expect(await process.run(inFlight)).toBe('settled');
    expect(settled(delivery)).toEqual([1, 0]);
    expect(logger.lines[0]).toMatch(/^error: .*was already decided when its handler failed: Error: too late$/);
  });

  it.each(['acknowledge', 'recover', 'reject'] as const)('cannot be taken twice: %s() after acknowledge() says so', async (second) => {
    const { process, inFlight, acknowledgments, delivery } = manualBench((acknowledgment) => acknowledgment.acknowledge());
    await process.run(inFlight);
    const again = () => (second === 'reject' ? acknowledgments[0]?.reject('x') : acknowledgments[0]?.[second]());
    expect(again).toThrow(IllegalStateError);
    expect(again).toThrow(`Message ID:1 was already decided: acknowledge(); ${second}() comes too late`);
    expect(settled(delivery)).toEqual([1, 0]);
  });
});

describe('a decision after the handler returned', () => {
  it('leaves the message unsettled until it comes', async () => {
    const { process, inFlight, delivery, acknowledgments, onDecidedLate } = manualBench();
    expect(await process.run(inFlight)).toBe('undecided');
    expect(settled(delivery)).toEqual([0, 0]);
    acknowledgments[0]?.acknowledge();
    expect(settled(delivery)).toEqual([1, 0]);
    expect(onDecidedLate).toHaveBeenCalledExactlyOnceWith(inFlight, expect.any(Promise));
    expect(await lateEnd(onDecidedLate)).toBe('settled');
  });

  it('reject() dead-letters', async () => {
    const { process, inFlight, delivery, acknowledgments, onDecidedLate } = manualBench();
    await process.run(inFlight);
    acknowledgments[0]?.reject('x');
    expect(await lateEnd(onDecidedLate)).toBe('settled');
    expect(settled(delivery)).toEqual([0, 1]);
  });

  it('recover() asks for another attempt when it is due, and dead-letters when none is left', async () => {
    const { process, inFlight, delivery, acknowledgments, onDecidedLate } = manualBench();
    await process.run(inFlight);
    acknowledgments[0]?.recover();
    const ended = vi.fn();
    void lateEnd(onDecidedLate)?.then(ended);
    await vi.advanceTimersByTimeAsync(9);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toHaveBeenCalledExactlyOnceWith(undefined);
    await process.run(inFlight);
    acknowledgments[1]?.recover();
    expect(await lateEnd(onDecidedLate)).toBe('settled');
    expect(settled(delivery)).toEqual([0, 1]);
  });

  it('settles the newest delivery of the message', async () => {
    const { process, inFlight, delivery, acknowledgments } = manualBench();
    await process.run(inFlight);
    delivery.lose();
    const again = fakeDelivery();
    inFlight.rebind(again);
    acknowledgments[0]?.acknowledge();
    expect([settled(delivery), settled(again)]).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it('is remembered when the connection is gone: the next delivery is acknowledged unhandled', async () => {
    const { process, inFlight, delivery, acknowledgments, settlement } = manualBench();
    await process.run(inFlight);
    delivery.lose();
    acknowledgments[0]?.acknowledge();
    const again = fakeDelivery();
    expect(await process.run(inFlightOf(again))).toBe('settled');
    expect(acknowledgments).toHaveLength(1);
    expect(settled(again)).toEqual([1, 0]);
    expect(settlement.report.counts).toMatchObject({ acknowledged: 1, duplicates: 1 });
  });

  it('survives a socket that ended a moment ago', async () => {
    const { process, inFlight, delivery, acknowledgments, onDecidedLate } = manualBench();
    await process.run(inFlight);
    delivery.acknowledge.mockImplementationOnce(() => {
      throw new ConnectionClosedError('The ACK frame was not sent');
    });
    acknowledgments[0]?.acknowledge();
    expect(await lateEnd(onDecidedLate)).toBe('settled');
  });
});

describe('a decision that nobody waits for', () => {
  it('is refused after the handler failed: the attempt is over', async () => {
    const { process, inFlight, acknowledgments } = manualBench(() => {
      throw new Error('no');
    });
    const run = process.run(inFlight);
    await vi.advanceTimersByTimeAsync(10);
    await run;
    expect(() => acknowledgments[0]?.acknowledge()).toThrow(IllegalStateError);
    expect(() => acknowledgments[0]?.acknowledge()).toThrow('acknowledge() comes too late, its handler has failed');
  });

  it("is refused in 'auto' mode once the handler succeeded", async () => {
    let kept: JmsAcknowledgment | undefined;
    const { process } = processBench((_, acknowledgment) => {
      kept = acknowledgment;
      return Promise.resolve();
    });
    const delivery = fakeDelivery();
    await process.run(inFlightOf(delivery));
    expect(() => kept?.reject('x')).toThrow(/reject\(\) comes too late, in 'auto' mode it was acknowledged/);
    expect(settled(delivery)).toEqual([1, 0]);
  });
});

it.each([
  ['and the handler succeeds', () => Promise.resolve()],
  ['and the handler fails', () => Promise.reject(new Error('no'))],
])("an interceptor's reject() in 'auto' mode counts, %s", async (_, rest) => {
  const { process } = processBench((_message, acknowledgment) => {
    acknowledgment.reject('blocked');
    return rest();
  });
  const delivery = fakeDelivery();
  await process.run(inFlightOf(delivery));
  expect(settled(delivery)).toEqual([0, 1]);
});

describe('a message left undecided when its subscription ends', () => {
  it('is given back by its gate, so that whoever gets it next need not wait; a decision that comes after all still counts', async () => {
    const acknowledgments: JmsAcknowledgment[] = [];
    const attempt = {
      run: (handler: () => Promise<unknown>) => handler(),
      complete: vi.fn(() => Promise.resolve({ kind: 'completed' } as const)),
      release: vi.fn(() => Promise.resolve()),
    };
    const { process } = processBench((_, acknowledgment) => Promise.resolve(acknowledgments.push(acknowledgment)), {
      ackMode: 'manual',
      more: { gate: { enter: () => Promise.resolve({ kind: 'enter', attempt }) } },
    });
    const delivery = fakeDelivery();
    const inFlight = inFlightOf(delivery);
    expect(await process.run(inFlight)).toBe('undecided');
    delivery.lose();
    await Promise.all([process.forgetUndecided(inFlight), process.forgetUndecided(inFlight)]);
    expect(attempt.release).toHaveBeenCalledTimes(1);
    acknowledgments[0]!.acknowledge();
    await vi.waitFor(() => expect(attempt.complete).toHaveBeenCalledTimes(1));
  });

  it('is not given back by its gate once it is decided: what was handled would be handled again', async () => {
    let acknowledge!: () => void;
    const attempt = {
      run: (handler: () => Promise<unknown>) => handler(),
      complete: vi.fn(() => Promise.resolve({ kind: 'completed' } as const)),
      release: vi.fn(() => Promise.resolve()),
    };
    const { process, onDecidedLate } = processBench(
      (_, acknowledgment) => {
        acknowledge = () => acknowledgment.acknowledge();
        return Promise.resolve();
      },
      { ackMode: 'manual', more: { gate: { enter: () => Promise.resolve({ kind: 'enter', attempt }) } } },
    );
    const inFlight = inFlightOf(fakeDelivery());
    await process.run(inFlight);
    acknowledge();
    await process.forgetUndecided(inFlight);
    expect(await lateEnd(onDecidedLate)).toBe('settled');
    expect([attempt.complete.mock.calls.length, attempt.release.mock.calls.length]).toEqual([1, 0]);
  });
});

it('a decision at whatever moment after its handler leaves nothing behind', async () => {
  for (let turns = 0; turns < 25; turns++) {
    const attempt = {
      run: (handler: () => Promise<unknown>) => handler(),
      complete: () => Promise.resolve({ kind: 'completed' } as const),
      release: vi.fn(() => Promise.resolve()),
    };
    const decideAfter = async (acknowledgment: JmsAcknowledgment) => {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      acknowledgment.acknowledge();
    };
    const { process, outcomes } = processBench(
      (_, acknowledgment) => {
        void decideAfter(acknowledgment);
        return Promise.resolve();
      },
      { ackMode: 'manual', more: { gate: { enter: () => Promise.resolve({ kind: 'enter', attempt }) } } },
    );
    const inFlight = inFlightOf(fakeDelivery());
    await process.run(inFlight);
    await vi.waitFor(() => expect(outcomes.map(({ kind }) => kind)).toEqual(['acknowledged']));
    await process.forgetUndecided(inFlight);
    expect([turns, attempt.release.mock.calls.length]).toEqual([turns, 0]);
  }
});

describe('the result of a handler that decides later', () => {
  it('is its reply, sent before the message is acknowledged', async () => {
    let decide!: () => void;
    const delivery = fakeDelivery();
    const reply = vi.fn(() => {
      expect(delivery.acknowledge).not.toHaveBeenCalled();
      return Promise.resolve();
    });
    const { process } = processBench(
      (_, acknowledgment) => {
        decide = () => acknowledgment.acknowledge();
        return Promise.resolve('answer');
      },
      { ackMode: 'manual', more: { reply } },
    );
    const inFlight = inFlightOf(delivery);
    expect(await process.run(inFlight)).toBe('undecided');
    decide();
    await vi.waitFor(() => expect(delivery.acknowledge).toHaveBeenCalledTimes(1));
    expect(reply).toHaveBeenCalledExactlyOnceWith(inFlight.message, 'answer');
  });
});
