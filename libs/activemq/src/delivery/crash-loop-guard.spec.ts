import { describe, expect, it } from 'vitest';

import { CrashLoopGuard } from './crash-loop-guard.js';
import { fakeDelivery, inFlightOf, recordingLogger } from './delivery.fixture.js';

/** A queue whose messages have these delivery counts, by id, read as the guard's selectors read it. */
function guardOf(counts: Readonly<Record<string, number>>, maximumRedeliveries = 2, fails = false) {
  const logger = recordingLogger();
  const selectors: string[] = [];
  const matches = (id: string, count: number, selector: string) =>
    selector.split(' AND ').every((condition) => {
      const more = /^JMSXDeliveryCount > (\d+)$/.exec(condition);
      if (more) return count > Number(more[1]);
      const not = condition.startsWith('NOT (');
      return (condition.replace(/^NOT \((.*)\)$/, '$1') === `JMSMessageID IN ('${id.replaceAll("'", "''")}')`) !== not;
    });
  const guard = new CrashLoopGuard({
    listenerId: 'orders',
    logger,
    maximumRedeliveries,
    async *browse(selector, limit) {
      await Promise.resolve();
      selectors.push(selector);
      if (fails) throw new Error('no rights');
      if (selectors.length > 1_000) throw new Error('a browse too many');
      const found = Object.entries(counts).filter(([id, count]) => matches(id, count, selector));
      yield* found.slice(0, limit).map(([id]) => fakeDelivery({ 'message-id': id }).frame);
    },
  });
  const whyUnfit = async (id: string, redelivered = 'true') => guard.whyUnfit(inFlightOf(fakeDelivery({ 'message-id': id, redelivered })));
  return { guard, logger, selectors, whyUnfit };
}

describe('CrashLoopGuard', () => {
  it('is not called for while no message came back repeatedly', async () => {
    const { guard, whyUnfit } = guardOf({ a: 2, b: 1 });
    expect([await guard.isCalledFor(), await whyUnfit('a')]).toEqual([false, undefined]);
  });

  it('blames a message that has ended more consumers than any other by the number of attempts, not one fewer', async () => {
    for (const [count, blamed] of [
      [4, false],
      [5, true],
    ] as const) {
      const { guard, whyUnfit } = guardOf({ killer: count, neighbour: 2 });
      expect(await guard.isCalledFor()).toBe(true);
      expect((await whyUnfit('killer')) !== undefined).toBe(blamed);
    }
  });

  it('says how many', async () => {
    const { guard, whyUnfit } = guardOf({ killer: 9 });
    await guard.isCalledFor();
    expect(await whyUnfit('killer')).toEqual({
      reason: 'it has ended 8 consumers, at least 3 more than any other message of its queue',
      attempts: 8,
    });
  });

  it('does not blame those that came back as often as each other: deployments, or lost connections', async () => {
    const { guard, whyUnfit } = guardOf({ a: 50, b: 50, c: 49 });
    await guard.isCalledFor();
    expect(await Promise.all(['a', 'b', 'c'].map((id) => whyUnfit(id)))).toEqual([undefined, undefined, undefined]);
  });

  it('does not blame the last of those either, when this process has handled the others', async () => {
    const counts: Record<string, number> = { a: 9, b: 9, c: 9, killer: 20 };
    const { guard, whyUnfit } = guardOf(counts);
    await guard.isCalledFor();
    for (const id of ['a', 'b', 'c']) {
      expect(await whyUnfit(id)).toBeUndefined();
      delete counts[id];
    }
    expect(await whyUnfit('killer')).toMatchObject({
      reason: 'it has ended 19 consumers, at least 3 more than any other message of its queue',
    });
  });

  it('does not count the connections that this process lost with the message and survived', async () => {
    const { guard } = guardOf({ unlucky: 5 });
    await guard.isCalledFor();
    const deliver = async () => guard.whyUnfit(inFlightOf(fakeDelivery({ 'message-id': 'unlucky', redelivered: 'true' })));
    const inFlight = inFlightOf(fakeDelivery({ 'message-id': 'unlucky', redelivered: 'true' }));
    expect((await guard.whyUnfit(inFlight))?.reason).toMatch(/^it has ended 4 consumers/);
    expect((await guard.whyUnfit(inFlight))?.reason).toMatch(/^it has ended 4 consumers/);
    expect((await deliver())?.reason).toMatch(/^it has ended 3 consumers/);
    expect(await deliver()).toBeUndefined();
  });

  it('does not count the attempts that a scheduled copy tells of: the broker counts on from them', async () => {
    for (const [deliveryCount, blamed] of [
      ['2', undefined],
      ['1', { attempts: 3, reason: expect.stringMatching(/^it has ended 3 consumers/) as string }],
    ] as const) {
      const { guard } = guardOf({ copy: 5 });
      await guard.isCalledFor();
      expect(
        await guard.whyUnfit(
          inFlightOf(fakeDelivery({ 'message-id': 'copy', redelivered: 'true', originalMessageId: 'first', deliveryCount })),
        ),
      ).toEqual(blamed);
    }
  });

  it('excuses no more of them than there can be, whatever a hostile header says', async () => {
    const { guard } = guardOf({ copy: 9 });
    await guard.isCalledFor();
    const hostile = inFlightOf(
      fakeDelivery({ 'message-id': 'copy', redelivered: 'true', originalMessageId: 'first', deliveryCount: '999999' }),
    );
    expect((await guard.whyUnfit(hostile))?.reason).toMatch(/^it has ended 6 consumers/);
  });

  it.each([20_000, 1_000_000, 2_147_483_647])(
    'finds a count of %d, which a producer may have forged, in a few dozen browses',
    async (count) => {
      const { guard, whyUnfit, selectors } = guardOf({ forged: count, neighbour: 2 });
      await guard.isCalledFor();
      expect(await whyUnfit('forged')).toEqual({
        reason: `it has ended ${count - 1} consumers, at least 3 more than any other message of its queue`,
        attempts: count - 1,
      });
      expect(selectors.length).toBeLessThan(70);
      for (const [, limit] of selectors.join().matchAll(/JMSXDeliveryCount > (\d+)/g))
        expect(Number(limit)).toBeLessThanOrEqual(2_147_483_647);
    },
  );

  it('does not blame what the broker does not call redelivered; it is over with that', async () => {
    const { guard, whyUnfit } = guardOf({ killer: 9 });
    await guard.isCalledFor();
    expect(guard.isOver).toBe(false);
    expect(await whyUnfit('killer', 'false')).toBeUndefined();
    expect(guard.isOver).toBe(true);
    expect(guard.whyUnfit(inFlightOf(fakeDelivery({ 'message-id': 'killer', redelivered: 'true' })))).toBeUndefined();
  });

  it('quotes a hostile id', async () => {
    const { guard, whyUnfit } = guardOf({ "x' OR '1'='1": 9, other: 1 });
    await guard.isCalledFor();
    expect((await whyUnfit("x' OR '1'='1"))?.reason).toMatch(/^it has ended 8 consumers/);
  });

  it('lets the listener start when the broker does not say', async () => {
    const { guard, logger } = guardOf({ killer: 9 }, 2, true);
    expect(await guard.isCalledFor()).toBe(false);
    expect(logger.lines).toEqual([expect.stringMatching(/^debug: Listener 'orders': .* is not known: Error: no rights$/)]);
  });
});
