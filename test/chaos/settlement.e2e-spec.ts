import { expect, it } from 'vitest';

import { BATCH, type Combination } from '../../scripts/chaos/settlement/combination.js';
import { runSettlementChaos } from '../../scripts/chaos/settlement/run.js';
import { total } from '../../scripts/chaos/settlement/verdict.js';

const ROUNDS = 5;
/** One listener for each redelivery mode and strategy that settles in its own way. */
const COMBINATIONS: readonly Combination[] = [
  { mode: 'local', strategy: 'shared', ack: 'auto' },
  { mode: 'local', strategy: 'discarding', ack: 'auto' },
  { mode: 'local', strategy: 'broker', ack: 'auto' },
  { mode: 'scheduled', strategy: 'individual', ack: 'auto' },
  { mode: 'broker', strategy: 'shared', ack: 'auto' },
  { mode: 'local', strategy: 'individual', ack: 'transacted' },
];

it('G3: whoever dies at whatever point of settlement, each message ends in one place, with no more attempts than it may have', async () => {
  const { verdicts } = await runSettlementChaos({ combinations: COMBINATIONS, rounds: ROUNDS, seed: 20, say: () => undefined });
  const { messages, lost, twoPlaces, overLimit, hit } = total([...verdicts.values()]);
  expect({ messages, lost, twoPlaces, overLimit }).toEqual({
    messages: ROUNDS * BATCH * COMBINATIONS.length,
    lost: 0,
    twoPlaces: 0,
    overLimit: 0,
  });
  expect(hit).toBeGreaterThan(0);
}, 180_000);
