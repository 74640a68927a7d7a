import assert from 'node:assert/strict';

import type { ContractEntry } from './contract-actors.js';

/** What holds once a key is completed. */
export const completeCases: readonly ContractEntry[] = [
  [
    'a completed key is completed for everybody, its owner included',
    async (on) => {
      await on.claim('a');
      assert.equal(await on.complete('a'), 'completed');
      assert.deepEqual(await on.claim('b'), { outcome: 'completed' });
      assert.deepEqual(await on.claim('a'), { outcome: 'completed' });
    },
  ],
  [
    'results come back as they were given',
    async (on) => {
      for (const [n, result] of ['', '0', 'null', '{"text":"ü😀\\u0000"}', 'a\r\nb\0c', 'x'.repeat(100_000)].entries()) {
        const key = `${on.key}:${n}`;
        await on.claim('a', { key });
        await on.complete('a', { key, result });
        assert.deepEqual(await on.claim('b', { key }), { outcome: 'completed', result });
      }
    },
  ],
  [
    'completing again with the same token changes nothing',
    async (on) => {
      await on.claim('a');
      assert.equal(await on.complete('a', { result: 'first' }), 'completed');
      assert.equal(await on.complete('a', { result: 'second' }), 'completed');
      assert.deepEqual(await on.claim('b'), { outcome: 'completed', result: 'first' });
    },
  ],
  [
    'a completed key stays so until its ttl, and is fresh afterwards',
    async (on) => {
      await on.claim('a');
      await on.complete('a');
      await on.elapse(3);
      assert.equal((await on.claim('b')).outcome, 'completed');
      await on.elapse(1.5);
      assert.deepEqual(await on.claim('b'), { outcome: 'acquired', claimCount: 1 });
    },
  ],
  [
    'a completed key can neither be renewed nor released',
    async (on) => {
      await on.claim('a');
      await on.complete('a');
      assert.equal(await on.renew('a'), false);
      assert.equal(await on.release('a'), false);
      assert.equal((await on.claim('b')).outcome, 'completed');
    },
  ],
  [
    'a fingerprint survives completion: the same content is a duplicate, other content a mismatch',
    async (on) => {
      await on.claim('a', { fingerprint: 'one' });
      await on.complete('a');
      assert.deepEqual(await on.claim('b', { fingerprint: 'one' }), { outcome: 'completed' });
      assert.deepEqual(await on.claim('b', { fingerprint: 'two' }), { outcome: 'mismatch', fingerprint: 'one' });
      assert.deepEqual(await on.claim('b'), { outcome: 'completed' });
    },
  ],
  [
    'content claimed without a fingerprint matches any',
    async (on) => {
      await on.claim('a');
      await on.complete('a');
      assert.deepEqual(await on.claim('b', { fingerprint: 'two' }), { outcome: 'completed' });
    },
  ],
  [
    'completing a key whose record is gone writes it again, and says so',
    async (on) => {
      assert.equal(await on.complete('a', { fingerprint: 'one', result: 'done' }), 'recreated');
      assert.deepEqual(await on.claim('b', { fingerprint: 'one' }), { outcome: 'completed', result: 'done' });
      assert.deepEqual(await on.claim('b', { fingerprint: 'two' }), { outcome: 'mismatch', fingerprint: 'one' });
      assert.equal(await on.complete('a'), 'recreated');
      assert.equal(await on.complete('b'), 'lost');
      await on.elapse(4.5);
      assert.equal((await on.claim('b')).outcome, 'acquired');
    },
  ],
];
