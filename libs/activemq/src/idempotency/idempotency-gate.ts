import type { ConnectionLogger } from '../connection/connection-settings.js';
import type { AttemptGate, Entry, GatedListener, GateSnapshot, TurnedAway } from '../delivery/attempt-gate.js';
import { toErrorText, toLogText } from '../errors/error-text.js';
import type { InFlightMessage } from '../delivery/in-flight-message.js';
import { deferralsBefore, receivedFrom } from '../delivery/received-message.js';
import { NonRetryableError } from '../errors/index.js';
import type { JmsListenerEndpoint } from '../listener/jms-listener-endpoint.js';
import { MESSAGE_HEADERS } from '../message/message-headers.js';
import { claimToken } from './claim-token.js';
import { ClaimedAttempt } from './claimed-attempt.js';
import { IdempotencyCounts } from './idempotency-counts.js';
import type { IdempotencySettings } from './idempotency-settings.js';
import { IdempotencyStoreError } from './idempotency-store.error.js';
import type { ClaimAnswer, IdempotencyStore } from './idempotency-store.js';
import { InProgressWait } from './in-progress-wait.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { isOnTopic } from './listener-scope.js';
import { type MessageKey, readFingerprint, readMessageKey } from './message-key.js';
import { idempotencyRecordKey } from './record-key.js';
import type { RunningAttempt, RunningAttempts } from './running-attempts.js';
import type { StoreBreaker } from './store-breaker.js';
import { decodeResult } from './stored-result.js';
import { UnprotectedAttempt } from './unprotected-attempt.js';
import { earliest } from './earliest.js';

/** ms between two looks whether an attempt of this process still has its claim. */
const JOIN_LOOK = 500;
/** Somebody has to know of messages that go round without being handled. */
const WARN_EVERY_DEFERRALS = 10;

/** What an {@link IdempotencyGate} works with; all but the first group is shared by the listeners of a connection. */
export interface IdempotencyGateParts {
  /** Names the listener and its decorator in errors. */
  readonly where: string;
  readonly endpoint: JmsListenerEndpoint;
  readonly settings: IdempotencySettings;
  readonly scope: string;

  readonly app: string;
  readonly instanceId: string;
  readonly store: IdempotencyStore;
  readonly leases: LeaseKeeper;
  readonly running: RunningAttempts;
  readonly breaker: StoreBreaker;
  readonly logger: ConnectionLogger;
}

/** Lets each message of one listener be handled once, as far as its store knows. */
export class IdempotencyGate implements AttemptGate {
  readonly #parts: IdempotencyGateParts;
  readonly #counts = new IdempotencyCounts();
  readonly #wait: InProgressWait;
  readonly #isOrdered: boolean;
  #hasToldOfBrokerIds = false;
  /** Whether the broker has a scheduler; known once the application has started. */
  canDefer = false;

  constructor(parts: IdempotencyGateParts) {
    this.#parts = parts;
    const { endpoint, settings } = parts;
    this.#isOrdered = endpoint.exclusive || isOnTopic(endpoint);
    this.#wait = new InProgressWait({
      mode: settings.onInProgress,
      canDefer: ({ message }) => this.canDefer && !this.#isOrdered && message.headers[MESSAGE_HEADERS.groupId] === undefined,
    });
  }

  /** The listener it guards. */
  get listenerId(): string {
    return this.#parts.endpoint.id;
  }

  /** Whether it sends messages back, should the broker be able to bring them. */
  get wantsToDefer(): boolean {
    return this.#parts.settings.onInProgress === 'defer' && !this.#isOrdered;
  }

  get snapshot(): GateSnapshot {
    return this.#counts.snapshot(this.#parts.breaker.isOpen);
  }

  attach(listener: GatedListener): void {
    if (this.#parts.settings.onStoreError === 'pause') this.#parts.breaker.guard(listener);
  }

  async enter(inFlight: InFlightMessage): Promise<Entry> {
    const { settings, app, scope, running } = this.#parts;
    const { message } = inFlight;
    const key = readMessageKey(message, settings);
    if (key.failure !== undefined) return this.#withoutKey(inFlight, key);
    if (key.isBrokerId) this.#tellOfBrokerIds();
    let fingerprint: string | undefined;
    try {
      fingerprint = readFingerprint(message, settings.fingerprint);
    } catch (error) {
      return this.#refuse('IDEMPOTENCY_KEY_ERROR: its fingerprint could not be made', error);
    }
    const recordKey = idempotencyRecordKey({ app, scope, key: key.key });
    for (;;) {
      const other = running.at(recordKey);
      const entry =
        other?.isLost() === false
          ? await this.#join(inFlight, other, fingerprint)
          : await this.#claim(inFlight, key.key, recordKey, fingerprint);
      if (entry) return entry;
    }
  }

  /** A copy of the message runs here: its end is this one's too. `undefined`: it has failed, or may have lost its claim, so look again. */
  async #join(inFlight: InFlightMessage, other: RunningAttempt, fingerprint: string | undefined): Promise<Entry | undefined> {
    const { settings, breaker } = this.#parts;
    if (other.recordAgain) {
      if (breaker.isOpen && settings.onStoreError === 'pause') return this.#unavailable(breaker.outage);
      if (breaker.isOpen) return { kind: 'completed', reason: 'it was handled here, and the store cannot be told yet' };
      try {
        await other.recordAgain();
      } catch (error) {
        breaker.trip(error);
        return this.#unavailable(error);
      }
    }
    if (settings.onInProgress === 'drop') return { kind: 'drop', reason: 'it is being handled here' };
    const end = await earliest(other.ended, Math.min(this.#wait.holdLeft(inFlight), JOIN_LOOK), inFlight.interrupted);
    if (end?.kind === 'open') return undefined;
    if (!end) {
      const isWaitOver = inFlight.interrupted.aborted || this.#wait.holdLeft(inFlight) <= 0;
      return isWaitOver ? this.#inProgress(inFlight, settings.leaseMs) : undefined;
    }
    this.#counts.claims.joined++;
    if (other.fingerprint !== fingerprint) return this.#mismatch(inFlight);
    return { kind: 'completed', reason: 'a copy of it was being handled here', result: end.result };
  }

  async #claim(inFlight: InFlightMessage, key: string, recordKey: string, fingerprint: string | undefined): Promise<Entry> {
    const { settings, store, running, breaker, instanceId } = this.#parts;
    if (breaker.isOpen) return this.#withoutStore(breaker.outage, key);
    const request = {
      key: recordKey,
      token: claimToken(instanceId),
      leaseMs: settings.leaseMs,
      ttlMs: settings.completedTtlMs,
      fingerprint,
    };
    // Before the store is asked: copies that come meanwhile ask this process.
    const attempt = running.begin(recordKey, fingerprint);
    const claimedAt = performance.now();
    let answer: ClaimAnswer;
    try {
      answer = await this.#counts.measure('claim', () => store.claim(request));
    } catch (error) {
      running.end(recordKey, attempt, { kind: 'open' });
      return this.#claimFailed(error, key);
    }
    this.#counts.claims[answer.outcome]++;
    if (answer.outcome === 'acquired') return this.#acquired(inFlight, attempt, { key, request, claimedAt, claimCount: answer.claimCount });
    const result = answer.outcome === 'completed' ? decodeResult(answer.result) : undefined;
    running.end(recordKey, attempt, answer.outcome === 'completed' ? { kind: 'completed', result } : { kind: 'open' });
    if (answer.outcome === 'completed') return { kind: 'completed', reason: 'it was handled before', result };
    if (answer.outcome === 'in-progress') return this.#inProgress(inFlight, answer.remainingMs);
    return this.#mismatch(inFlight);
  }

  #mismatch(inFlight: InFlightMessage): Entry {
    if (this.#parts.settings.onMismatch === 'refuse') {
      return this.#refuse('IDEMPOTENCY_PAYLOAD_MISMATCH: its key belongs to a message with other content, which was handled', undefined);
    }
    this.#warn(inFlight, 'has the key of a message with other content, which was handled: it is acknowledged as a duplicate');
    return { kind: 'completed', reason: 'a message with other content was handled under its key' };
  }

  async #acquired(
    inFlight: InFlightMessage,
    attempt: RunningAttempt,
    claim: { key: string; request: Parameters<IdempotencyStore['claim']>[0]; claimedAt: number; claimCount: number },
  ): Promise<Entry> {
    const { endpoint, settings, store, running, breaker, leases, logger } = this.#parts;
    const { key, request, claimedAt, claimCount } = claim;
    const lease = leases.keep({ ...request, claimedAt, maxLeaseMs: settings.maxLeaseMs });
    attempt.isLost = () => lease.loss === 'lost' || lease.loss === 'too-long';
    const claimed = new ClaimedAttempt({
      inFlight,
      key,
      request,
      claimCount,
      repliesAlways: endpoint.sendTo !== undefined,
      settings,
      store,
      counts: this.#counts,
      lease,
      end: (end) => running.end(request.key, attempt, end),
      keepForLater: (record) => (attempt.recordAgain = record),
      onStoreError: (error) => breaker.trip(error),
      untilStoreAnswers: () => breaker.closed(),
      onLost: () => this.#inProgress(inFlight, settings.leaseMs),
      warn: (text) => this.#warn(inFlight, text),
      debug: (text) => logger.debug(text),
    });
    const most = endpoint.redelivery(receivedFrom(inFlight.message)).maximumRedeliveries;
    if (most === -1 || claimCount <= most + 1) return { kind: 'enter', attempt: claimed };
    await claimed.release();
    return this.#refuse(
      `IDEMPOTENCY_CRASH_LOOP: ${claimCount - 1} consumers that handled it died, or hung for longer than their lease, and maximumRedeliveries is ${most}`,
      undefined,
    );
  }

  #inProgress(inFlight: InFlightMessage, remaining: number): TurnedAway {
    const entry = this.#wait.next(inFlight, remaining);
    if (entry.kind !== 'defer') return entry;
    this.#counts.deferrals++;
    const times = deferralsBefore(inFlight.message) + 1;
    if (times % WARN_EVERY_DEFERRALS === 0) this.#warn(inFlight, `is sent back for the ${times}th time, because another consumer is at it`);
    return entry;
  }

  /** The store cannot say anything now, or not of this message. */
  #claimFailed(error: unknown, key: string): Entry {
    this.#counts.claims.error++;
    if (error instanceof IdempotencyStoreError && error.failure === 'foreign-data') {
      return this.#refuse('IDEMPOTENCY_FOREIGN_DATA: something that is no record of ours stands at its key', error);
    }
    this.#parts.breaker.trip(error);
    return this.#withoutStore(error, key);
  }

  #withoutStore(why: unknown, key: string): Entry {
    return this.#parts.settings.onStoreError === 'process' ? this.#unprotected(key) : this.#unavailable(why);
  }

  #withoutKey(inFlight: InFlightMessage, { failure, why, error }: Extract<MessageKey, { failure: string }>): Entry {
    if (this.#parts.settings.onMissingKey === 'refuse') return this.#refuse(`${failure}: ${why}`, error);
    this.#warn(inFlight, `is handled unprotected: ${why}`);
    return this.#unprotected('');
  }

  #unprotected(key: string): Entry {
    this.#counts.unprotected++;
    return { kind: 'enter', attempt: new UnprotectedAttempt(key) };
  }

  #unavailable(why: unknown): Entry {
    const until = this.#parts.breaker.closed();
    return { kind: 'unavailable', until, reason: typeof why === 'string' ? why : `the idempotency store is out (${toErrorText(why)})` };
  }

  #refuse(reason: string, cause: unknown): Entry {
    this.#counts.refused++;
    return { kind: 'refuse', reason, error: new NonRetryableError(`${this.#parts.where}: ${reason}`, { cause }) };
  }

  #tellOfBrokerIds(): void {
    if (this.#hasToldOfBrokerIds) return;
    this.#hasToldOfBrokerIds = true;
    this.#parts.logger.debug(
      `${this.#parts.where}: messages without the header \`idempotencyKey\` are known by the broker's id, which does not catch what a producer sends twice. Give \`key\`, or \`requireKey: true\``,
    );
  }

  #warn({ message }: InFlightMessage, text: string): void {
    this.#parts.logger.warn(`Listener '${this.listenerId}': message ${toLogText(message.messageId)} ${text}`);
  }
}
