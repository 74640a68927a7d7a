import type { GateSnapshot } from '../delivery/attempt-gate.js';

/** Which calls to the store are measured. */
export type MeasuredCall = keyof GateSnapshot['store'];

/** What one gate counts. */
export class IdempotencyCounts {
  readonly claims = { acquired: 0, completed: 0, 'in-progress': 0, mismatch: 0, joined: 0, error: 0 };
  lostLeases = 0;
  recreated = 0;
  uncertain = 0;
  deferrals = 0;
  unprotected = 0;
  refused = 0;
  readonly #store = {
    claim: { calls: 0, failures: 0, ms: 0 },
    complete: { calls: 0, failures: 0, ms: 0 },
    release: { calls: 0, failures: 0, ms: 0 },
  };

  /** Makes a call to the store, and notes how long it took and whether it failed. */
  async measure<T>(call: MeasuredCall, make: () => Promise<T>): Promise<T> {
    const counts = this.#store[call];
    const began = performance.now();
    counts.calls++;
    try {
      return await make();
    } catch (error) {
      counts.failures++;
      throw error;
    } finally {
      counts.ms += performance.now() - began;
    }
  }

  /** A copy. */
  snapshot(isBreakerOpen: boolean): GateSnapshot {
    const { lostLeases, recreated, uncertain, deferrals, unprotected, refused } = this;
    const { claim, complete, release } = this.#store;
    const store = { claim: { ...claim }, complete: { ...complete }, release: { ...release } };
    return { claims: { ...this.claims }, lostLeases, recreated, uncertain, deferrals, unprotected, refused, store, isBreakerOpen };
  }
}
