import { randomUUID } from 'node:crypto';

import { ConfigurationError, isActiveMqError } from '../errors/index.js';
import {
  assertClaimDurations,
  type ClaimAnswer,
  type ClaimRequest,
  type CompleteAnswer,
  type CompleteRequest,
  type IdempotencyStore,
  IdempotencyStoreError,
  type IdempotencyStoreOperation,
  type ReleaseRequest,
  type RenewRequest,
} from '../idempotency/index.js';
import { CallDeadlines } from './call-deadlines.js';
import type { RedisCommands } from './redis-commands.js';
import { redisFailure } from './redis-failure.js';
import type { RedisSource } from './redis-source.js';
import type { RedisStoreSettings } from './redis-store-options.js';
import { readClaim, readComplete, readFlag } from './replies.js';
import { CLAIM, COMPLETE, type RedisScript, RELEASE, RENEW } from './scripts.js';
import { checkRedis } from './startup-checks.js';
import { UnansweredCalls } from './unanswered-calls.js';

/** Connecting, two questions and four scripts, in ms. */
const OPEN_TIMEOUT_MS = 5_000;

/** What a record made to try out the server lives for at most, in ms. */
const PROBE_TTL_MS = 10_000;

/** An idempotency store on Redis 6.2 or later, made by `redisIdempotencyStore()`. One round trip per call. */
export class RedisIdempotencyStore implements IdempotencyStore {
  private readonly deadlines: CallDeadlines;
  private readonly openDeadlines = new CallDeadlines(OPEN_TIMEOUT_MS);
  private readonly unanswered: UnansweredCalls;

  /** @internal */
  constructor(
    private readonly source: RedisSource,
    private readonly settings: RedisStoreSettings,
  ) {
    this.deadlines = new CallDeadlines(settings.timeoutMs);
    this.unanswered = new UnansweredCalls(settings.maxUnanswered);
  }

  async claim({ key, token, leaseMs, ttlMs, fingerprint = '' }: ClaimRequest): Promise<ClaimAnswer> {
    assertClaimDurations('RedisIdempotencyStore.claim()', { leaseMs, completedTtlMs: ttlMs });
    return readClaim(await this.run('claim', CLAIM, key, [token, String(leaseMs), String(ttlMs), fingerprint]));
  }

  async renew({ key, token, leaseMs }: RenewRequest): Promise<boolean> {
    return readFlag('renew', await this.run('renew', RENEW, key, [token, String(leaseMs)]));
  }

  async complete({ key, token, ttlMs, fingerprint = '', result }: CompleteRequest): Promise<CompleteAnswer> {
    const stored = result === undefined ? ['0'] : ['1', result];
    return readComplete(await this.run('complete', COMPLETE, key, [token, String(ttlMs), fingerprint, ...stored]));
  }

  async release({ key, token }: ReleaseRequest): Promise<boolean> {
    return readFlag('release', await this.run('release', RELEASE, key, [token]));
  }

  /** Resolves when every master answers and a record could be written: a replica or a full server would answer PING alone. */
  async ping(): Promise<void> {
    await this.call('ping', this.deadlines, async (commands) => {
      await commands.ping();
      await this.probe(commands);
    });
    this.unanswered.forget();
  }

  /**
   * Connects and checks what would lose records.
   *
   * @throws ConfigurationError when Redis evicts keys, refuses a command, is a replica, or a cluster misses slots
   * @throws IdempotencyStoreError when it cannot be reached within 5 s; calling it again tries again
   */
  async open(): Promise<void> {
    try {
      await this.call('open', this.openDeadlines, async (commands) => {
        await checkRedis(commands, this.settings);
        await this.probe(commands);
      });
    } catch (error) {
      if (error instanceof IdempotencyStoreError && error.failure === 'refused') {
        throw new ConfigurationError(error.message, { cause: error });
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.source.close();
  }

  /** Runs every script on a record of its own. */
  private async probe(commands: RedisCommands): Promise<void> {
    const key = this.nameOf(`probe:${randomUUID()}`);
    const [token, ms] = ['probe', String(PROBE_TTL_MS)];
    await commands.run(CLAIM, key, [token, ms, ms, '']);
    await commands.run(RENEW, key, [token, ms]);
    await commands.run(RELEASE, key, [token]);
    // On a record that is gone: writes it, to be gone again in a moment.
    await commands.run(COMPLETE, key, [token, '1', '', '0']);
  }

  private nameOf(key: string): string {
    return `${this.settings.keyPrefix}:${key}`;
  }

  private async run(operation: IdempotencyStoreOperation, script: RedisScript, key: string, args: readonly string[]): Promise<unknown> {
    if (this.unanswered.full) throw this.outage(operation, `${this.settings.maxUnanswered} calls are past their deadline`);
    const answer = await this.call(operation, this.deadlines, async (commands) => commands.run(script, this.nameOf(key), args));
    this.unanswered.forget();
    return answer;
  }

  private async call<T>(
    operation: IdempotencyStoreOperation,
    deadlines: CallDeadlines,
    work: (commands: RedisCommands) => Promise<T>,
  ): Promise<T> {
    const call = this.withCommands(work);
    try {
      return await deadlines.limit(call, () => {
        this.unanswered.add(call);
        return this.outage(operation, `no answer within ${deadlines.timeoutMs} ms`);
      });
    } catch (error) {
      if (isActiveMqError(error)) throw error;
      throw redisFailure(operation, this.settings.keyPrefix, error);
    }
  }

  private async withCommands<T>(work: (commands: RedisCommands) => Promise<T>): Promise<T> {
    return work(await this.source.commands());
  }

  /** No answer: because of what the connection met last, when that is known. */
  private outage(operation: IdempotencyStoreOperation, why: string): IdempotencyStoreError {
    const { lastError } = this.source;
    if (lastError) return redisFailure(operation, this.settings.keyPrefix, lastError);
    return new IdempotencyStoreError(`Redis idempotency store: ${operation} failed (outage): ${why}`, operation, 'outage');
  }
}
