import type { IdempotencyStore } from '../idempotency-store.js';
import { claimCases } from './claim.cases.js';
import { completeCases } from './complete.cases.js';
import { ContractActors } from './contract-actors.js';
import { lostClaimCases } from './lost-claim.cases.js';

/** What the contract needs of the store it looks at. */
export interface IdempotencyStoreContractOptions {
  /** The store; called once for each case. All keys are new, so it may be the same one each time. */
  readonly store: () => IdempotencyStore | Promise<IdempotencyStore>;
  /** Lets `ms` pass for the store: moves its clock, or waits. */
  readonly elapse: (ms: number) => Promise<unknown> | void;
  /** The lease used, in ms; default 1 000. Shorter makes waiting shorter, and calls that take a tenth of it too slow. */
  readonly leaseMs?: number;
}

/** One thing every store has to do. `run` rejects with an AssertionError when it does not. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/**
 * What every `IdempotencyStore` has to do, as cases for any test runner.
 *
 * @example describe('MyStore', () => { for (const { name, run } of idempotencyStoreContract({ store, elapse })) it(name, run); });
 */
export function idempotencyStoreContract({ store, elapse, leaseMs = 1_000 }: IdempotencyStoreContractOptions): readonly ContractCase[] {
  return [...claimCases, ...completeCases, ...lostClaimCases].map(([name, work]) => ({
    name,
    run: async () => work(new ContractActors(await store(), leaseMs, async (ms) => void (await elapse(ms)))),
  }));
}
