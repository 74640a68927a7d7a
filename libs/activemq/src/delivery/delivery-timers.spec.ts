import { describe, expect, it, vi } from 'vitest';

import { fakeDelivery, inFlightOf, lateEnd, processBench } from './delivery.fixture.js';
import type { JmsAcknowledgment } from './jms-acknowledgment.js';

/** Timers that fire when a spec says so. */
function heldTimers() {
  const held: { readonly callback: () => void; readonly delay: number }[] = [];
  const timers = {
    now: () => 0,
    setTimeout: (callback: () => void, delay: number) => {
      const timer = { callback, delay };
      held.push(timer);
      return timer;
    },
    clearTimeout: vi.fn<(handle: unknown) => void>(),
  };
  return { held, timers };
}

describe('timers that are given', () => {
  it('hold the next attempt until they fire, whatever the computer’s clock says', async () => {
    const { held, timers } = heldTimers();
    const handler = vi.fn().mockRejectedValueOnce(new Error('no')).mockResolvedValue(undefined);
    const { process } = processBench(handler, { timers, policy: { initialRedeliveryDelay: 0 } });
    const run = process.run(inFlightOf(fakeDelivery()));
    await vi.waitFor(() => expect(held).toHaveLength(1));
    expect([held[0]?.delay, handler.mock.calls.length]).toEqual([0, 1]);
    held[0]?.callback();
    expect(await run).toBe('settled');
    expect(handler).toHaveBeenCalledTimes(2);
  });

  it('are taken back when the message goes back to the broker', async () => {
    const { held, timers } = heldTimers();
    const { process } = processBench(() => Promise.reject(new Error('no')), { timers });
    const inFlight = inFlightOf(fakeDelivery());
    const run = process.run(inFlight);
    await vi.waitFor(() => expect(held).toHaveLength(1));
    inFlight.interrupt();
    expect(await run).toBe('settled');
    expect(timers.clearTimeout).toHaveBeenCalledExactlyOnceWith(held[0]);
  });

  it('hold the attempt that a late recover() asked for', async () => {
    const { held, timers } = heldTimers();
    let given: JmsAcknowledgment | undefined;
    const bench = processBench(
      (_message, acknowledgment) => {
        given = acknowledgment;
        return Promise.resolve();
      },
      { timers, ackMode: 'manual', policy: { initialRedeliveryDelay: 250 } },
    );
    expect(await bench.process.run(inFlightOf(fakeDelivery()))).toBe('undecided');
    given?.recover();
    await vi.waitFor(() => expect(held.map(({ delay }) => delay)).toEqual([250]));
    held[0]?.callback();
    expect(await lateEnd(bench.onDecidedLate)).toBeUndefined();
  });
});
