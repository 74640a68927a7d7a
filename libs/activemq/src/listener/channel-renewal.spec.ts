import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { recordingLogger } from '../delivery/delivery.fixture.js';
import { ChannelRenewal } from './channel-renewal.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => vi.useRealTimers());

/** A channel that is renewed: what it runs, leaves undecided and leaks is the test's. */
function bench() {
  const channel = { isIdle: true, undecided: 0, isLeaking: false };
  const suspensions = new Set<string>();
  const logger = recordingLogger();
  const settings = {
    listenerId: 'orders',
    logger,
    slots: {
      postpone: (why: string) => void suspensions.add(why),
      resume: (why: string) => void suspensions.delete(why),
      idle: () => (channel.isIdle ? Promise.resolve() : new Promise<void>(() => {})),
      get undecided() {
        return channel.undecided;
      },
    },
    isLeaking: () => channel.isLeaking,
    leaveSession: vi.fn((_timeout: number) => {
      expect([...suspensions]).toEqual(['renewing']);
      channel.isLeaking = false;
      return Promise.resolve(true);
    }),
    resubscribe: vi.fn(() => {
      expect([...suspensions]).toEqual(['renewing']);
      return Promise.resolve();
    }),
  };
  const renewal = new ChannelRenewal(settings);
  const calls = () => [settings.resubscribe.mock.calls.length, settings.leaveSession.mock.calls.length];
  return { renewal, channel, suspensions, calls, ...settings };
}

describe('the renewal of a channel', () => {
  it('subscribes anew when that is called for and nothing runs; meanwhile nothing begins', async () => {
    const { renewal, suspensions, calls } = bench();
    renewal.beginIfDue();
    expect(calls()).toEqual([0, 0]);
    renewal.setOutdated(true);
    expect(await renewal.upToDate).toBe(true);
    expect([calls(), suspensions.size]).toEqual([[1, 0], 0]);
    renewal.beginIfDue();
    expect(calls()).toEqual([1, 0]);
  });

  it('leaves the session instead when the broker keeps too much of it: on the next one everybody subscribes anew', async () => {
    const { renewal, channel, suspensions, calls } = bench();
    channel.isLeaking = true;
    renewal.setOutdated(true);
    expect(await renewal.upToDate).toBe(true);
    expect([calls(), suspensions.size]).toEqual([[0, 1], 0]);
  });

  it.each([
    ['a handler runs for longer than ten seconds', { isIdle: false }, 10_000],
    ['a message waits for a manual decision, whose acknowledgement it would void', { undecided: 1 }, 0],
  ])('comes to nothing while %s, and is not tried again for a minute', async (_, busy, time) => {
    const { renewal, channel, suspensions, calls } = bench();
    Object.assign(channel, busy);
    renewal.setOutdated(true);
    await vi.advanceTimersByTimeAsync(time);
    expect([await renewal.upToDate, calls(), suspensions.size]).toEqual([false, [0, 0], 0]);
    Object.assign(channel, { isIdle: true, undecided: 0 });
    await vi.advanceTimersByTimeAsync(59_000);
    renewal.beginIfDue();
    expect([calls(), await renewal.upToDate]).toEqual([[0, 0], false]);
    await vi.advanceTimersByTimeAsync(1_001);
    renewal.beginIfDue();
    expect([await renewal.upToDate, calls()]).toEqual([true, [1, 0]]);
  });

  it('stays due when leaving the session would harm somebody else', async () => {
    const { renewal, channel, leaveSession, calls } = bench();
    channel.isLeaking = true;
    leaveSession.mockResolvedValueOnce(false);
    renewal.setOutdated(true);
    expect([await renewal.upToDate, calls()]).toEqual([false, [0, 1]]);
    await vi.advanceTimersByTimeAsync(60_001);
    renewal.beginIfDue();
    expect([await renewal.upToDate, calls()]).toEqual([true, [0, 2]]);
  });

  it('is tried ever more rarely while it comes to nothing, and says so once', async () => {
    const { renewal, channel, leaveSession, logger } = bench();
    channel.isLeaking = true;
    leaveSession.mockResolvedValue(false);
    const tries: number[] = [];
    for (let minute = 0; minute < 70; minute++) {
      renewal.beginIfDue();
      await vi.advanceTimersByTimeAsync(60_000);
      if (leaveSession.mock.calls.length > tries.length) tries.push(minute);
    }
    expect(tries).toEqual([0, 1, 3, 7, 15, 31, 47, 63]);
    expect(logger.lines).toEqual([expect.stringMatching(/^warn: Listener 'orders': the broker keeps .* cannot be renewed/)]);
  });

  it('is tried after a minute again when it has come to something meanwhile', async () => {
    const { renewal, channel, leaveSession } = bench();
    const fail = async (ms: number) => {
      channel.isLeaking = true;
      leaveSession.mockResolvedValueOnce(false);
      renewal.beginIfDue();
      await vi.advanceTimersByTimeAsync(ms);
    };
    await fail(60_001);
    await fail(120_001);
    renewal.beginIfDue();
    await vi.advanceTimersByTimeAsync(1);
    await fail(60_001);
    renewal.beginIfDue();
    await vi.advanceTimersByTimeAsync(1);
    expect(leaveSession).toHaveBeenCalledTimes(5);
  });

  it('is one at a time', async () => {
    const { renewal, calls } = bench();
    renewal.setOutdated(true);
    renewal.setOutdated(true);
    renewal.begin();
    await renewal.upToDate;
    expect(calls()).toEqual([1, 0]);
  });

  it('happens in any case for what the subscriptions hold is to be given back', async () => {
    const { renewal, calls } = bench();
    renewal.begin();
    await renewal.upToDate;
    expect(calls()).toEqual([1, 0]);
  });

  it('leaves the rest to the next session when the broker does not answer', async () => {
    const { renewal, resubscribe, logger, suspensions } = bench();
    resubscribe.mockRejectedValueOnce(new Error('no answer'));
    renewal.setOutdated(true);
    expect([await renewal.upToDate, suspensions.size]).toEqual([true, 0]);
    expect(logger.lines).toEqual(["debug: Listener 'orders': its subscription could not be renewed: Error: no answer"]);
  });
});
