import { assertInteger, assertKnownOptions } from '../validation/index.js';
import { IdempotencyStoreError } from './idempotency-store.error.js';
import { assertClaimDurations } from './claim-durations.js';
import type {
  ClaimAnswer,
  ClaimRequest,
  CompleteAnswer,
  CompleteRequest,
  IdempotencyStore,
  ReleaseRequest,
  RenewRequest,
} from './idempotency-store.js';

/** Options of an {@link InMemoryIdempotencyStore}. */
export interface InMemoryIdempotencyStoreOptions {
  /** Most records kept at once, about 300 bytes each and their results; default 100 000. Past it claims fail with `full`: evicting would let duplicates pass. */
  readonly maxRecords?: number;
  /** The time in ms, never going back; default `performance.now`. */
  readonly now?: () => number;
}

interface Processing {
  readonly state: 'processing';
  readonly token: string;
  readonly fingerprint: string;
  readonly claimCount: number;
  readonly ttlMs: number;
  readonly leaseEnd: number;
  readonly expiry: number;
}

interface Completed {
  readonly state: 'completed';
  readonly token: string;
  readonly fingerprint: string;
  readonly result?: string;
  /** What its owner is told when it asks again. */
  readonly answer: 'completed' | 'recreated';
  readonly expiry: number;
}

/** An idempotency store for one process, forgotten with it: for tests, development, and single instances that may forget on restart. */
export class InMemoryIdempotencyStore implements IdempotencyStore {
  private readonly records = new Map<string, Processing | Completed>();
  private readonly maxRecords: number;
  private readonly now: () => number;
  /** No record expires before this: a full store is searched for expired ones only when there can be any. */
  private earliestExpiry = Infinity;

  /** @throws ConfigurationError on an unknown option or a `maxRecords` below 1 */
  constructor(options: InMemoryIdempotencyStoreOptions = {}) {
    assertKnownOptions('InMemoryIdempotencyStore', options, ['maxRecords', 'now']);
    const { maxRecords = 100_000, now = () => performance.now() } = options;
    assertInteger('InMemoryIdempotencyStore', 'maxRecords', maxRecords, { min: 1 });
    this.maxRecords = maxRecords;
    this.now = now;
  }

  /** How many records are kept, expired ones included until they are found. */
  get size(): number {
    return this.records.size;
  }

  async claim({ key, token, leaseMs, ttlMs, fingerprint = '' }: ClaimRequest): Promise<ClaimAnswer> {
    assertClaimDurations('InMemoryIdempotencyStore.claim()', { leaseMs, completedTtlMs: ttlMs });
    const now = this.now();
    const record = this.find(key, now);
    if (record?.state === 'completed') {
      if (fingerprint !== '' && record.fingerprint !== '' && record.fingerprint !== fingerprint) {
        return { outcome: 'mismatch', fingerprint: record.fingerprint };
      }
      return record.result === undefined ? { outcome: 'completed' } : { outcome: 'completed', result: record.result };
    }
    const mine = record?.token === token;
    if (record && !mine && record.leaseEnd > now) {
      return { outcome: 'in-progress', remainingMs: Math.ceil(record.leaseEnd - now) };
    }
    if (!record) this.makeRoom(now, 'claim');
    const claimCount = (record?.claimCount ?? 0) + (mine ? 0 : 1);
    const leaseEnd = now + leaseMs;
    this.write(key, { state: 'processing', token, fingerprint, claimCount, ttlMs, leaseEnd, expiry: leaseEnd + ttlMs });
    return { outcome: 'acquired', claimCount };
  }

  async renew({ key, token, leaseMs }: RenewRequest): Promise<boolean> {
    const now = this.now();
    const record = this.find(key, now);
    if (record?.state !== 'processing' || record.token !== token) return false;
    const leaseEnd = now + leaseMs;
    this.write(key, { ...record, leaseEnd, expiry: leaseEnd + record.ttlMs });
    return true;
  }

  async complete({ key, token, ttlMs, fingerprint = '', result }: CompleteRequest): Promise<CompleteAnswer> {
    const now = this.now();
    const record = this.find(key, now);
    if (record && record.token !== token) return 'lost';
    if (record?.state === 'completed') return record.answer;
    if (!record) this.makeRoom(now, 'complete');
    const answer = record ? 'completed' : 'recreated';
    this.write(key, { state: 'completed', token, fingerprint: record?.fingerprint ?? fingerprint, result, answer, expiry: now + ttlMs });
    return answer;
  }

  async release({ key, token }: ReleaseRequest): Promise<boolean> {
    const record = this.find(key, this.now());
    return record?.state === 'processing' && record.token === token && this.records.delete(key);
  }

  async ping(): Promise<void> {}

  private find(key: string, now: number): Processing | Completed | undefined {
    const record = this.records.get(key);
    if (!record || record.expiry > now) return record;
    this.records.delete(key);
    return undefined;
  }

  private write(key: string, record: Processing | Completed): void {
    this.records.set(key, record);
    this.earliestExpiry = Math.min(this.earliestExpiry, record.expiry);
  }

  private makeRoom(now: number, operation: 'claim' | 'complete'): void {
    if (this.records.size < this.maxRecords) return;
    if (this.earliestExpiry <= now) this.removeExpired(now);
    if (this.records.size < this.maxRecords) return;
    throw new IdempotencyStoreError(
      `InMemoryIdempotencyStore: all ${this.maxRecords} records are in use. Raise \`maxRecords\`, shorten \`completedTtlMs\`, or use redisIdempotencyStore()`,
      operation,
      'full',
    );
  }

  private removeExpired(now: number): void {
    this.earliestExpiry = Infinity;
    for (const [key, { expiry }] of this.records) {
      if (expiry <= now) this.records.delete(key);
      else this.earliestExpiry = Math.min(this.earliestExpiry, expiry);
    }
  }
}
