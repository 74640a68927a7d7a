import assert from 'node:assert/strict';

import { ConfigurationError } from '../../errors/index.js';
import type { ContractEntry } from './contract-actors.js';

/** What `claim` answers while nobody completed the key. */
export const claimCases: readonly ContractEntry[] = [
  [
    'a fresh key is acquired',
    async (on) => {
      assert.deepEqual(await on.claim('a'), { outcome: 'acquired', claimCount: 1 });
    },
  ],
  [
    'of many claims at once exactly one is acquired',
    async (on) => {
      const answers = await Promise.all(Array.from({ length: 100 }, async (_, n) => on.claim(`token-${n}`)));
      const outcomes = answers.map(({ outcome }) => outcome);
      assert.equal(outcomes.filter((outcome) => outcome === 'acquired').length, 1);
      assert.equal(outcomes.filter((outcome) => outcome === 'in-progress').length, 99);
    },
  ],
  [
    "another's claim is in progress, with what is left of the lease",
    async (on) => {
      await on.claim('a');
      await on.elapse(0.5);
      const answer = await on.claim('b');
      assert.equal(answer.outcome, 'in-progress');
      const { remainingMs } = answer as { remainingMs: number };
      assert.ok(remainingMs >= 1 && remainingMs <= on.leaseMs * 0.5 + 1, `remainingMs is ${remainingMs} after half of ${on.leaseMs} ms`);
    },
  ],
  [
    'a claim repeated with its token is acquired again, counted once, with a fresh lease',
    async (on) => {
      await on.claim('a');
      await on.elapse(0.75);
      assert.deepEqual(await on.claim('a'), { outcome: 'acquired', claimCount: 1 });
      await on.elapse(0.75);
      assert.equal((await on.claim('b')).outcome, 'in-progress');
    },
  ],
  [
    'a lease that ended is taken over, and the claim count tells how many owners died',
    async (on) => {
      for (const [n, token] of ['a', 'b', 'c'].entries()) {
        assert.deepEqual(await on.claim(token), { outcome: 'acquired', claimCount: n + 1 });
        await on.elapse(1.25);
      }
    },
  ],
  [
    'renewing prolongs the lease',
    async (on) => {
      await on.claim('a');
      for (let round = 0; round < 3; round++) {
        await on.elapse(0.75);
        assert.equal(await on.renew('a'), true);
      }
      await on.elapse(0.75);
      assert.equal((await on.claim('b')).outcome, 'in-progress');
      await on.elapse(0.5);
      assert.deepEqual(await on.claim('b'), { outcome: 'acquired', claimCount: 2 });
    },
  ],
  [
    'a released key is acquired at once, and counts anew',
    async (on) => {
      await on.claim('a');
      assert.equal(await on.release('a'), true);
      assert.equal(await on.release('a'), false);
      assert.deepEqual(await on.claim('b'), { outcome: 'acquired', claimCount: 1 });
    },
  ],
  [
    'an abandoned claim is forgotten after its lease and the ttl',
    async (on) => {
      await on.claim('a');
      await on.elapse(5.5);
      assert.deepEqual(await on.claim('b'), { outcome: 'acquired', claimCount: 1 });
    },
  ],
  [
    'keys are independent, whatever characters they hold',
    async (on) => {
      for (const odd of ['', ' ', '{x}', '{', '*', 'ü', '😀', 'a\nb', 'a\r\nb', '\0', '__proto__']) {
        assert.deepEqual(
          await on.claim(`token of ${odd}`, { key: `${on.key}:${odd}` }),
          { outcome: 'acquired', claimCount: 1 },
          JSON.stringify(odd),
        );
      }
    },
  ],
  [
    'a lease that is not above 0 and below the ttl is refused',
    async (on) => {
      for (const leaseMs of [0, -1, 1.5, Number.NaN, Infinity, on.ttlMs]) {
        await assert.rejects(on.claim('a', { leaseMs }), ConfigurationError, `a lease of ${leaseMs} ms`);
      }
      assert.deepEqual(await on.claim('a'), { outcome: 'acquired', claimCount: 1 });
    },
  ],
  ['ping resolves', async (on) => on.store.ping()],
];
