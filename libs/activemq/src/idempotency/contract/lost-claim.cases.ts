import assert from 'node:assert/strict';

import type { ContractEntry } from './contract-actors.js';

/** What those may still do who have no claim, or no longer one. */
export const lostClaimCases: readonly ContractEntry[] = [
  [
    'nobody but the owner renews, completes or releases',
    async (on) => {
      await on.claim('a');
      assert.equal(await on.renew('b'), false);
      assert.equal(await on.complete('b', { result: 'stolen' }), 'lost');
      assert.equal(await on.release('b'), false);
      assert.equal((await on.claim('c')).outcome, 'in-progress');
      assert.equal(await on.complete('a'), 'completed');
      assert.equal(await on.complete('b', { result: 'stolen' }), 'lost');
      assert.deepEqual(await on.claim('c'), { outcome: 'completed' });
    },
  ],
  [
    'an owner that was overtaken changes nothing any more, and lets nobody else in',
    async (on) => {
      await on.claim('a');
      await on.elapse(1.25);
      assert.deepEqual(await on.claim('b'), { outcome: 'acquired', claimCount: 2 });
      assert.equal(await on.renew('a'), false);
      assert.equal(await on.release('a'), false);
      assert.equal(await on.complete('a', { result: 'late' }), 'lost');
      assert.equal((await on.claim('c')).outcome, 'in-progress');
      assert.equal((await on.claim('a')).outcome, 'in-progress');
      assert.equal(await on.complete('b'), 'completed');
      assert.deepEqual(await on.claim('c'), { outcome: 'completed' });
    },
  ],
  [
    'an owner whose lease ended goes on when nobody took over: it renews',
    async (on) => {
      await on.claim('a');
      await on.elapse(1.25);
      assert.equal(await on.renew('a'), true);
      assert.equal((await on.claim('b')).outcome, 'in-progress');
    },
  ],
  [
    'an owner whose lease ended goes on when nobody took over: it completes',
    async (on) => {
      await on.claim('a');
      await on.elapse(1.25);
      assert.equal(await on.complete('a'), 'completed');
      assert.equal((await on.claim('b')).outcome, 'completed');
    },
  ],
  [
    'an owner whose lease ended goes on when nobody took over: it releases',
    async (on) => {
      await on.claim('a');
      await on.elapse(1.25);
      assert.equal(await on.release('a'), true);
      assert.deepEqual(await on.claim('b'), { outcome: 'acquired', claimCount: 1 });
    },
  ],
  [
    'renewing or releasing what is absent makes nothing',
    async (on) => {
      assert.equal(await on.renew('a'), false);
      assert.equal(await on.release('a'), false);
      assert.deepEqual(await on.claim('b'), { outcome: 'acquired', claimCount: 1 });
    },
  ],
];
