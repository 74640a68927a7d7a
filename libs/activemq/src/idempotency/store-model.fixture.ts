import * as fc from 'fast-check';

import type { ClaimAnswer, CompleteAnswer, IdempotencyStore } from './idempotency-store.js';

/** Long against what a call takes, and so that no sum of steps comes near an end of a lease or ttl, in ms. */
const LEASE_MS = 1_000_000;
const TTL_MS = 5_100_000;
const STEPS_MS = [400_000, 1_200_000, 6_400_000];

const ACTORS = [0, 1, 2] as const;

type Step =
  | { readonly do: 'claim' | 'renew' | 'complete' | 'release' | 'crash'; readonly actor: (typeof ACTORS)[number] }
  | { readonly do: 'elapse'; readonly ms: number };

/** Random interleavings of three actors on one key. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constantFrom('claim', 'renew', 'complete', 'release', 'crash'), actor: fc.constantFrom(...ACTORS) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('elapse' as const), ms: fc.constantFrom(...STEPS_MS) }) },
  ),
  { minLength: 1, maxLength: 40 },
);

/** What a record is, told as simply as possible; written apart from any store. */
class Model {
  private now = 0;
  private record: { state: 'P' | 'C'; token: string; count: number; leaseEnd: number; end: number; answer: CompleteAnswer } | undefined;

  elapse(ms: number): void {
    this.now += ms;
    if (this.record && this.record.end <= this.now) this.record = undefined;
  }

  claim(token: string): ClaimAnswer | { outcome: 'in-progress' } {
    const { record } = this;
    if (record?.state === 'C') return { outcome: 'completed' };
    if (record && record.token !== token && record.leaseEnd > this.now) return { outcome: 'in-progress' };
    const count = (record?.count ?? 0) + (record?.token === token ? 0 : 1);
    const leaseEnd = this.now + LEASE_MS;
    this.record = { state: 'P', token, count, leaseEnd, end: leaseEnd + TTL_MS, answer: 'completed' };
    return { outcome: 'acquired', claimCount: count };
  }

  renew(token: string): boolean {
    if (this.record?.state !== 'P' || this.record.token !== token) return false;
    this.record.leaseEnd = this.now + LEASE_MS;
    this.record.end = this.record.leaseEnd + TTL_MS;
    return true;
  }

  complete(token: string): CompleteAnswer {
    if (this.record && this.record.token !== token) return 'lost';
    if (this.record?.state === 'C') return this.record.answer;
    const answer = this.record ? 'completed' : 'recreated';
    this.record = { state: 'C', token, count: 0, leaseEnd: 0, end: this.now + TTL_MS, answer };
    return answer;
  }

  release(token: string): boolean {
    if (this.record?.state !== 'P' || this.record.token !== token) return false;
    this.record = undefined;
    return true;
  }
}

/** What must hold whatever the model says: judged by the answers alone. */
class Invariants {
  private now = 0;
  private owner: { token: string; until: number } | undefined;
  private completedUntil = -1;

  elapse(ms: number): void {
    this.now += ms;
  }

  holds(token: string): void {
    if (this.owner && this.owner.token !== token && this.owner.until > this.now) {
      throw new Error(`two live owners: ${this.owner.token} and ${token}`);
    }
    if (this.completedUntil > this.now) throw new Error(`${token} owns what is completed`);
    this.owner = { token, until: this.now + LEASE_MS };
  }

  released(): void {
    this.owner = undefined;
  }

  completed(): void {
    if (this.completedUntil <= this.now) this.completedUntil = this.now + TTL_MS;
    this.owner = undefined;
  }

  claimed({ outcome }: ClaimAnswer, token: string): void {
    if (outcome === 'acquired') this.holds(token);
    else if (outcome !== 'completed' && this.completedUntil > this.now) throw new Error(`completed, but ${outcome}`);
    else if (outcome === 'completed' && this.completedUntil <= this.now) throw new Error('completed beyond its ttl');
  }
}

/** Runs the steps on a store and on the model; throws when they differ or two actors own the key at once. `elapse` lets time pass for the store. */
export async function followModel(
  store: IdempotencyStore,
  elapse: (ms: number) => Promise<void> | void,
  key: string,
  todo: readonly Step[],
): Promise<void> {
  const model = new Model();
  const invariants = new Invariants();
  const attempts = ACTORS.map(() => 0);
  for (const step of todo) {
    if (step.do === 'elapse') {
      await elapse(step.ms);
      model.elapse(step.ms);
      invariants.elapse(step.ms);
      continue;
    }
    const token = `${step.actor}:${attempts[step.actor]}`;
    switch (step.do) {
      case 'crash':
        // It forgets what it owned: its next claim is another attempt, with another token.
        attempts[step.actor] = (attempts[step.actor] ?? 0) + 1;
        break;
      case 'claim': {
        const answer = await store.claim({ key, token, leaseMs: LEASE_MS, ttlMs: TTL_MS });
        invariants.claimed(answer, token);
        const { outcome } = answer;
        same(step, outcome === 'in-progress' ? { outcome } : answer, model.claim(token));
        break;
      }
      case 'renew': {
        const renewed = await store.renew({ key, token, leaseMs: LEASE_MS });
        if (renewed) invariants.holds(token);
        same(step, renewed, model.renew(token));
        break;
      }
      case 'complete': {
        const answer = await store.complete({ key, token, ttlMs: TTL_MS });
        if (answer !== 'lost') invariants.completed();
        same(step, answer, model.complete(token));
        break;
      }
      case 'release': {
        const released = await store.release({ key, token });
        if (released) invariants.released();
        same(step, released, model.release(token));
        break;
      }
    }
  }
}

function same(step: Step, actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${JSON.stringify(step)} was answered with ${got}, the model says ${wanted}`);
}
