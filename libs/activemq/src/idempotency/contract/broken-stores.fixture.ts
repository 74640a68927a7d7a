import type { ClaimAnswer, ClaimRequest, CompleteAnswer, IdempotencyStore } from '../idempotency-store.js';
import { InMemoryIdempotencyStore } from '../in-memory-idempotency-store.js';

/** Makes one mistake in an otherwise correct store. */
export type Breakage = (good: IdempotencyStore) => Partial<IdempotencyStore>;

/** Mistakes that were found in the field. */
export const BREAKAGES: Readonly<Record<string, Breakage>> = {
  'it knows only seen and not seen': (good) => ({
    async claim(request) {
      const answer = await good.claim(request);
      return answer.outcome === 'in-progress' ? { outcome: 'completed' } : answer;
    },
  }),
  'it looks, then writes': (good) => {
    const seen = new Map<string, string>();
    return {
      async claim(request: ClaimRequest): Promise<ClaimAnswer> {
        const owner = seen.get(request.key);
        await Promise.resolve();
        if (owner === undefined) {
          seen.set(request.key, request.token);
          return { outcome: 'acquired', claimCount: 1 };
        }
        return good.claim(request);
      },
    };
  },
  'it takes a repeated claim for a duplicate': (good) => ({
    claim: async (request) => good.claim({ ...request, token: `${request.token}:${Math.random()}` }),
  }),
  'it has no lease': (good) => ({
    claim: async (request) => good.claim({ ...request, leaseMs: request.ttlMs - 1, ttlMs: request.ttlMs * 10 }),
  }),
  'it takes seconds for milliseconds': (good) => ({
    claim: async (request) => good.claim({ ...request, leaseMs: Math.ceil(request.leaseMs / 1_000) }),
  }),
  'it counts no claims': (good) => ({
    async claim(request) {
      const answer = await good.claim(request);
      return answer.outcome === 'acquired' ? { ...answer, claimCount: 1 } : answer;
    },
  }),
  'it releases what is not ours': (good) => {
    const tokens = new Map<string, string>();
    return {
      async claim(request) {
        const answer = await good.claim(request);
        if (answer.outcome === 'acquired') tokens.set(request.key, request.token);
        return answer;
      },
      release: async ({ key, token }) => good.release({ key, token: tokens.get(key) ?? token }),
    };
  },
  'it lets anybody complete': (good) => {
    const tokens = new Map<string, string>();
    return {
      async claim(request) {
        const answer = await good.claim(request);
        if (answer.outcome === 'acquired') tokens.set(request.key, request.token);
        return answer;
      },
      complete: async (request): Promise<CompleteAnswer> => good.complete({ ...request, token: tokens.get(request.key) ?? request.token }),
    };
  },
  'it forgets fingerprints on completion': (good) => ({
    async claim(request) {
      const answer = await good.claim(request);
      return answer.outcome === 'mismatch' ? { outcome: 'completed' } : answer;
    },
  }),
  'it refuses the same content again': (good) => ({
    async claim(request) {
      const answer = await good.claim(request);
      const fingerprint = request.fingerprint ?? '';
      return answer.outcome === 'completed' && fingerprint !== '' ? { outcome: 'mismatch', fingerprint } : answer;
    },
  }),
  'it never forgets a completion': (good) => ({
    complete: async (request) => good.complete({ ...request, ttlMs: request.ttlMs * 100 }),
  }),
  'it forgets a completion with the lease': (good) => ({
    complete: async (request) => good.complete({ ...request, ttlMs: request.ttlMs / 4 }),
  }),
  'it hides that the record was gone': (good) => ({
    async complete(request) {
      await good.complete(request);
      return 'completed';
    },
  }),
  'it drops results': (good) => ({ complete: async (request) => good.complete({ ...request, result: undefined }) }),
  'it puts all keys of a kind together': (good) => ({
    claim: async (request) => good.claim({ ...request, key: request.key.replace(/[^\w-]/g, '') }),
  }),
  'it counts from 0': (good) => ({
    async claim(request) {
      const answer = await good.claim(request);
      return answer.outcome === 'acquired' ? { ...answer, claimCount: answer.claimCount - 1 } : answer;
    },
  }),
  'it answers no ping': () => ({ ping: async () => Promise.reject(new Error('no such command')) }),
  'it renews for anybody': (good) => ({
    async renew(request) {
      await good.renew(request);
      return true;
    },
  }),
};

/** A store that makes the mistake, and its clock. */
export function brokenStore(breakage: Breakage): { store: IdempotencyStore; elapse: (ms: number) => void } {
  let now = 0;
  const good = new InMemoryIdempotencyStore({ now: () => now });
  const store: IdempotencyStore = {
    claim: async (request) => good.claim(request),
    renew: async (request) => good.renew(request),
    complete: async (request) => good.complete(request),
    release: async (request) => good.release(request),
    ping: async () => good.ping(),
    ...breakage(good),
  };
  return { store, elapse: (ms) => void (now += ms) };
}
