import { describe, expect, it, vi } from 'vitest';

import { resolveRedeliveryPolicy } from '../delivery/redelivery-policy.js';
import { JmsResponse } from '../message/jms-response.js';
import { claimToken } from './claim-token.js';
import { deliveryOf, endpointOf, entered, enteredInTheEnd, gateBench } from './idempotency-gate.fixture.js';
import { InMemoryIdempotencyStore } from './in-memory-idempotency-store.js';
import { idempotencyRecordKey } from './record-key.js';

const withKey = (key: string, more: Record<string, string> = {}, body?: string) => deliveryOf({ idempotencyKey: key, ...more }, body);
/** The record of a key of the fixture's listener. */
const recordOf = (key: string) => idempotencyRecordKey({ scope: 'Orders.handle@queue://orders', key });

describe('a message and its copies', () => {
  it('is let in once; after its completion a copy is a duplicate', async () => {
    const { gate } = await gateBench();
    const attempt = await entered(gate, withKey('1'));
    expect(await attempt.complete(undefined)).toEqual({ kind: 'completed' });
    expect(await gate.enter(withKey('1'))).toEqual({ kind: 'completed', reason: 'it was handled before', result: undefined });
    expect(gate.snapshot.claims).toMatchObject({ acquired: 1, completed: 1, joined: 0 });
  });

  it('is let in again at once after it failed', async () => {
    const { gate } = await gateBench();
    await (await entered(gate, withKey('1'))).release();
    await (await entered(gate, withKey('1'))).complete(undefined);
    expect(gate.snapshot.claims).toMatchObject({ acquired: 2 });
  });

  it('joins an attempt that runs here, without asking the store, and gets its result', async () => {
    const store = new InMemoryIdempotencyStore();
    const claim = vi.spyOn(store, 'claim');
    const { gate } = await gateBench({ store });
    const attempt = await entered(gate, withKey('1', { 'reply-to': '/queue/a' }));
    const copies = [gate.enter(withKey('1')), gate.enter(withKey('1'))];
    await attempt.complete({ total: 3 });
    for (const copy of await Promise.all(copies)) expect(copy).toMatchObject({ kind: 'completed', result: { value: { total: 3 } } });
    expect(claim).toHaveBeenCalledTimes(1);
    expect(gate.snapshot.claims.joined).toBe(2);
  });

  it('of which the joined attempt failed: one copy is let in, the others join it', async () => {
    const { gate } = await gateBench();
    const attempt = await entered(gate, withKey('1'));
    const copies = [gate.enter(withKey('1')), gate.enter(withKey('1'))];
    await attempt.release();
    const first = await Promise.race(copies);
    expect(first.kind).toBe('enter');
    if (first.kind === 'enter') await first.attempt.complete(undefined);
    expect((await Promise.all(copies)).map(({ kind }) => kind).sort()).toEqual(['completed', 'enter']);
  });

  it('of which a copy waits for an attempt here: the wait ends when its delivery is void', async () => {
    const { gate } = await gateBench();
    await entered(gate, withKey('1'));
    const copy = withKey('1');
    const waiting = gate.enter(copy);
    copy.interrupt();
    expect((await waiting).kind).toBe('hold');
  });

  it('does not join an attempt that hangs for longer than its claim is renewed: it asks the store, and is let in when the lease has ended', async () => {
    const { gate } = await gateBench({ listener: { leaseMs: 100, completedTtlMs: 60_000, maxLeaseMs: 100 } });
    const hanging = await entered(gate, withKey('1'));
    const entry = await enteredInTheEnd(gate, withKey('1'));
    expect(entry.kind).toBe('enter');
    if (entry.kind === 'enter') await entry.attempt.complete(undefined);
    expect(await hanging.complete(undefined)).toMatchObject({ kind: 'hold' });
    expect((await gate.enter(withKey('1'))).kind).toBe('completed');
  });

  it('with equal keys at two listeners is handled by both, and by two applications', async () => {
    const store = new InMemoryIdempotencyStore();
    const benches = [
      await gateBench({ store }),
      await gateBench({ store, endpoint: endpointOf('orders', { id: 'Other.handle' }) }),
      await gateBench({ store, endpoint: endpointOf('Consumer.B.VirtualTopic.orders') }),
      await gateBench({ store, module: { app: 'shop' } }),
    ];
    for (const { gate } of benches) await (await entered(gate, withKey('1'))).complete(undefined);
    for (const { gate } of benches) expect((await gate.enter(withKey('1'))).kind).toBe('completed');
  });

  it('on a topic is handled by every instance, of a durable subscription once', async () => {
    const store = new InMemoryIdempotencyStore();
    const onTopic = [
      await gateBench({ store, endpoint: endpointOf('topic://prices') }),
      await gateBench({ store, endpoint: endpointOf('topic://prices') }),
    ];
    for (const { gate } of onTopic) await (await entered(gate, withKey('1'))).complete(undefined);
    const durable = endpointOf('topic://prices', { subscription: 'audit' });
    const [one, two] = [await gateBench({ store, endpoint: durable }), await gateBench({ store, endpoint: durable })];
    await (await entered(one.gate, withKey('1'))).complete(undefined);
    expect((await two.gate.enter(withKey('1'))).kind).toBe('completed');
  });
});

describe('the handler', () => {
  it('sees the key, the token, how many owners died, and a signal', async () => {
    const { gate, store } = await gateBench();
    await store.claim({ key: recordOf('1'), token: 'dead', leaseMs: 1, ttlMs: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const attempt = await entered(gate, withKey('1'));
    const { getIdempotencyContext } = await import('./idempotency-context.js');
    const seen = await attempt.run(async () => {
      await Promise.resolve();
      const context = getIdempotencyContext();
      return { ...context, aborted: context?.signal.aborted };
    });
    expect(seen).toMatchObject({ key: '1', claimCount: 2, unprotected: false, aborted: false });
    expect(getIdempotencyContext()).toBeUndefined();
    await attempt.release();
  });

  it('that has lost its claim to another one is not taken for done', async () => {
    let now = 0;
    const store = new InMemoryIdempotencyStore({ now: () => now });
    const { gate, logger } = await gateBench({ store });
    const attempt = await entered(gate, withKey('1'));
    now += 30_001;
    const other = { key: recordOf('1'), token: claimToken('other') };
    await store.claim({ ...other, leaseMs: 30_000, ttlMs: 60_000 });
    expect(await attempt.complete(undefined)).toMatchObject({ kind: 'hold' });
    expect(gate.snapshot.lostLeases).toBe(1);
    expect(logger.lines.filter((line) => line.includes('may have been handled twice'))).toHaveLength(1);
    await store.complete({ ...other, ttlMs: 60_000 });
    expect((await gate.enter(withKey('1'))).kind).toBe('completed');
  });

  it('whose record was lost meanwhile has its message recorded anew, and that counted', async () => {
    let store = new InMemoryIdempotencyStore();
    const forgetful = {
      claim: (request: Parameters<typeof store.claim>[0]) => store.claim(request),
      complete: (request: Parameters<typeof store.complete>[0]) => store.complete(request),
      renew: (request: Parameters<typeof store.renew>[0]) => store.renew(request),
      release: (request: Parameters<typeof store.release>[0]) => store.release(request),
      ping: () => store.ping(),
    };
    const { gate } = await gateBench({ store: forgetful });
    const attempt = await entered(gate, withKey('1'));
    store = new InMemoryIdempotencyStore();
    expect(await attempt.complete(undefined)).toEqual({ kind: 'completed' });
    expect(gate.snapshot.recreated).toBe(1);
    expect((await gate.enter(withKey('1'))).kind).toBe('completed');
  });

  it('that killed its process maximumRedeliveries + 1 times gets no further chance, until somebody sends its message back', async () => {
    let now = 0;
    const store = new InMemoryIdempotencyStore({ now: () => now });
    const endpoint = endpointOf('orders', { redelivery: () => resolveRedeliveryPolicy('test', { maximumRedeliveries: 2 }) });
    const { gate } = await gateBench({ store, endpoint });
    for (let crash = 0; crash < 3; crash++) {
      await store.claim({ key: recordOf('1'), token: `dead ${crash}`, leaseMs: 30_000, ttlMs: 60_000 });
      now += 30_001;
    }
    const entry = await gate.enter(withKey('1'));
    expect(entry).toMatchObject({ kind: 'refuse', reason: expect.stringMatching(/^IDEMPOTENCY_CRASH_LOOP: 3 consumers/) as string });
    expect((await gate.enter(withKey('1'))).kind).toBe('enter');
  });
});

describe('results', () => {
  const replyTo = { 'reply-to': '/temp-queue/a' };

  it.each([
    ['an object', { id: 1 }],
    ['a text', 'done'],
    ['null', null],
    ['bytes', Buffer.from([0, 255, 1])],
  ])('%s is given to a duplicate', async (_, result) => {
    const { gate } = await gateBench();
    await (await entered(gate, withKey('1', replyTo))).complete(result);
    expect(await gate.enter(withKey('1', replyTo))).toMatchObject({ kind: 'completed', result: { value: result } });
  });

  it('a JmsResponse is given to a duplicate with its destination, options and bytes', async () => {
    const { gate } = await gateBench();
    const response = JmsResponse.forQueue(Buffer.from([1, 0]), 'receipts', { headers: { region: 'EU' } });
    await (await entered(gate, withKey('1', replyTo))).complete(response);
    const entry = await gate.enter(withKey('1', replyTo));
    expect(entry).toMatchObject({ kind: 'completed', result: { value: response } });
    expect(entry.kind === 'completed' && entry.result?.value).toBeInstanceOf(JmsResponse);
  });

  it('are kept where @SendTo says where they go', async () => {
    const { gate } = await gateBench({ endpoint: endpointOf('orders', { sendTo: 'queue://receipts' as never }) });
    await (await entered(gate, withKey('1'))).complete('done');
    expect(await gate.enter(withKey('1'))).toMatchObject({ result: { value: 'done' } });
  });

  it('are kept for messages that want a reply, unless the options say otherwise', async () => {
    const kept = async (storeResult: 'always' | 'never' | 'whenReplyTo', headers = {}) => {
      const { gate } = await gateBench({ listener: { storeResult } });
      await (await entered(gate, withKey('1', headers))).complete('done');
      const entry = await gate.enter(withKey('1'));
      return entry.kind === 'completed' && entry.result !== undefined;
    };
    expect(await kept('whenReplyTo')).toBe(false);
    expect(await kept('whenReplyTo', replyTo)).toBe(true);
    expect(await kept('always')).toBe(true);
    expect(await kept('never', replyTo)).toBe(false);
  });

  it.each([
    ['too large a text', 'x'.repeat(20_000)],
    ['a bigint', 1n],
    ['a function', () => 1],
  ])('%s is not kept, which is told', async (_, result) => {
    const { gate, logger } = await gateBench();
    await (await entered(gate, withKey('1', replyTo))).complete(result);
    expect(await gate.enter(withKey('1'))).toEqual({ kind: 'completed', reason: 'it was handled before', result: undefined });
    expect(logger.lines.filter((line) => line.includes('a duplicate gets no reply'))).toHaveLength(1);
  });
});

describe('fingerprints', () => {
  it('the same content is a duplicate, other content is refused', async () => {
    const { gate } = await gateBench({ listener: { fingerprint: true } });
    await (await entered(gate, withKey('1', {}, 'a'))).complete(undefined);
    expect((await gate.enter(withKey('1', {}, 'a'))).kind).toBe('completed');
    expect(await gate.enter(withKey('1', {}, 'b'))).toMatchObject({
      kind: 'refuse',
      reason: expect.stringMatching(/^IDEMPOTENCY_PAYLOAD_MISMATCH/) as string,
    });
  });

  it('other content is refused also where the first one runs here', async () => {
    const { gate } = await gateBench({ listener: { fingerprint: ({ body }) => body.toString() } });
    const attempt = await entered(gate, withKey('1', {}, 'a'));
    const other = gate.enter(withKey('1', {}, 'b'));
    await attempt.complete(undefined);
    expect((await other).kind).toBe('refuse');
  });

  it('other content passes for a duplicate, with a warning, where the options say so', async () => {
    const { gate, logger } = await gateBench({ listener: { fingerprint: true, onMismatch: 'warn' } });
    await (await entered(gate, withKey('1', {}, 'a'))).complete(undefined);
    expect((await gate.enter(withKey('1', {}, 'b'))).kind).toBe('completed');
    expect(logger.lines.some((line) => line.includes('other content'))).toBe(true);
  });
});

describe('somebody else is at it', () => {
  const claimedElsewhere = async (options: Parameters<typeof gateBench>[0] = {}, leaseMs = 30_000) => {
    const bench = await gateBench(options);
    await bench.store.claim({ key: recordOf('1'), token: 'other', leaseMs, ttlMs: 60_000 });
    return bench;
  };

  it('waits two seconds in its slot at most, then is sent back for what is left of the lease and a bit', async () => {
    const { gate } = await claimedElsewhere();
    const began = performance.now();
    const entry = await enteredInTheEnd(gate, withKey('1'));
    expect(performance.now() - began).toBeGreaterThan(1_900);
    const delay = entry.kind === 'defer' ? entry.delay : NaN;
    expect(delay).toBeGreaterThan(28_000 * 1.09);
    expect(delay).toBeLessThanOrEqual(28_500 * 1.21);
    expect(gate.snapshot.deferrals).toBe(1);
  });

  it('is a duplicate as soon as the other one is done', async () => {
    const { gate, store } = await claimedElsewhere();
    const waiting = enteredInTheEnd(gate, withKey('1'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await store.complete({ key: recordOf('1'), token: 'other', ttlMs: 60_000 });
    expect((await waiting).kind).toBe('completed');
  });

  it('runs when the lease of one that died has ended, and says how many died', async () => {
    const { gate } = await claimedElsewhere({}, 200);
    const entry = await enteredInTheEnd(gate, withKey('1'));
    expect(entry.kind).toBe('enter');
  });

  it('is dropped where the options say so', async () => {
    const { gate } = await claimedElsewhere({ listener: { onInProgress: 'drop' } });
    expect((await gate.enter(withKey('1'))).kind).toBe('drop');
  });

  it.each([
    ['the options say hold', { listener: { onInProgress: 'hold' } }, {}],
    ['there is no scheduler', { hasScheduler: false }, {}],
    ['it is in a message group', {}, { groupId: 'g' }],
  ] as const)('stays in its slot, however long, where %s', async (_, options, headers) => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    try {
      const { gate } = await claimedElsewhere(options);
      const message = withKey('1', headers);
      for (let waited = 0; waited < 20_000;) {
        const entry = await gate.enter(message);
        expect(entry.kind).toBe('hold');
        if (entry.kind !== 'hold') return;
        waited += entry.delay;
        vi.advanceTimersByTime(entry.delay);
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ['an exclusive consumer', endpointOf('orders', { exclusive: true })],
    ['a topic', endpointOf('topic://orders')],
    ['a durable subscription', endpointOf('topic://orders', { subscription: 's' })],
  ])('%s never sends a message back, and nobody asks for a scheduler', async (_, endpoint) => {
    const { gate, logger } = await gateBench({ endpoint, hasScheduler: false, listener: { scope: 'x' } });
    expect(gate.snapshot.deferrals).toBe(0);
    expect(logger.lines.filter((line) => line.includes('scheduler'))).toEqual([]);
  });

  it('without a scheduler that is told at the start, with the listeners', async () => {
    const { logger } = await gateBench({ hasScheduler: false });
    expect(logger.lines.filter((line) => /^warn: .*schedulerSupport.*'Orders\.handle'/.test(line))).toHaveLength(1);
  });

  it('warns of a message that goes round', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    try {
      const { gate, logger } = await claimedElsewhere();
      const message = withKey('1', { deferrals: '9' });
      await gate.enter(message);
      vi.advanceTimersByTime(2_001);
      expect((await gate.enter(message)).kind).toBe('defer');
      expect(logger.lines.some((line) => line.includes('sent back for the 10th time'))).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
