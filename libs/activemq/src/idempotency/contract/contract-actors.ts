import { randomUUID } from 'node:crypto';

import type { ClaimAnswer, ClaimRequest, CompleteAnswer, CompleteRequest, IdempotencyStore } from '../idempotency-store.js';

/** A case: its name, and what to do with the actors. */
export type ContractEntry = readonly [name: string, work: (actors: ContractActors) => Promise<void>];

/** Short forms of a store's calls: on one key that is new for each case, by actors named by their tokens. */
export class ContractActors {
  readonly key = randomUUID();
  /** In ms. */
  readonly ttlMs: number;

  constructor(
    readonly store: IdempotencyStore,
    readonly leaseMs: number,
    private readonly elapseMs: (ms: number) => Promise<void>,
  ) {
    this.ttlMs = leaseMs * 4;
  }

  async claim(token: string, more: Partial<ClaimRequest> = {}): Promise<ClaimAnswer> {
    return this.store.claim({ key: this.key, token, leaseMs: this.leaseMs, ttlMs: this.ttlMs, ...more });
  }

  async renew(token: string): Promise<boolean> {
    return this.store.renew({ key: this.key, token, leaseMs: this.leaseMs });
  }

  async complete(token: string, more: Partial<CompleteRequest> = {}): Promise<CompleteAnswer> {
    return this.store.complete({ key: this.key, token, ttlMs: this.ttlMs, ...more });
  }

  async release(token: string): Promise<boolean> {
    return this.store.release({ key: this.key, token });
  }

  /** Lets a part of the lease pass. */
  async elapse(leases: number): Promise<void> {
    await this.elapseMs(leases * this.leaseMs);
  }
}
