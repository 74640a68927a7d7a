import type { JmsMessage } from '../message/jms-message.js';
import type { IdempotencyStore } from './idempotency-store.js';

/** What identifies a message, as a key extractor may return it; `1` and `'1'` are the same key. Anything else is no key. */
export type IdempotencyKeyValue = string | number | bigint | boolean | null | undefined;

/** What can be said of one idempotent listener, and for all of them in the module's options. */
export interface IdempotencyDefaults {
  /**
   * What identifies a message, such as an order's number. Default: the header `idempotencyKey`, which our template writes once per logical send, else
   * `originalMessageId`, else the broker's message id, which does not catch what a producer sends twice.
   *
   * @example (message) => (message as JmsMessage<Order>).payload.id
   */
  readonly key?: (message: JmsMessage) => IdempotencyKeyValue;
  /** ms that a claim holds without being renewed: how long a message waits after its consumer died. Renewed at a third. Default 30 000. */
  readonly leaseMs?: number;
  /** ms for which a handled message is recognised; longer than any duplicate may take to come. Default 86 400 000, a day. */
  readonly completedTtlMs?: number;
  /** ms for which the claim of a running handler is renewed at most; default 900 000. */
  readonly maxLeaseMs?: number;
  /**
   * While another consumer is at the same message: `defer` (default) waits a moment, then lets the broker's scheduler bring it back; `hold` waits in
   * its slot, which keeps the order; `drop` acknowledges it, and loses it when the other one fails.
   *
   * Topics, exclusive consumers, message groups and brokers without a scheduler are held where `defer` is said.
   */
  readonly onInProgress?: 'defer' | 'hold' | 'drop';
  /** While the store does not answer: `pause` (default) unsubscribes until it does; `process` handles messages unprotected, and counts them. */
  readonly onStoreError?: 'pause' | 'process';
  /** A message whose key is missing, or whose extractor throws: `refuse` (default) dead-letters it, `process` handles it unprotected. */
  readonly onMissingKey?: 'refuse' | 'process';
  /** Whether the fallback to the broker's message id counts as a missing key; default false. */
  readonly requireKey?: boolean;
  /** Tells contents apart under one key: `true` compares the body, a function what it returns. Default false. */
  readonly fingerprint?: boolean | ((message: JmsMessage) => string);
  /** Other content under a key that was handled: `refuse` (default) dead-letters it, `warn` treats it as a duplicate. */
  readonly onMismatch?: 'refuse' | 'warn';
  /** Whether the handler's result is kept for the reply to a duplicate: `whenReplyTo` (default), `always` or `never`. */
  readonly storeResult?: 'whenReplyTo' | 'always' | 'never';
  /** Largest result that is kept, in bytes of JSON; default 16 384. A duplicate of a larger one is acknowledged without a reply. */
  readonly resultLimit?: number;
}

/** Options of {@link Idempotent}. */
export interface IdempotentOptions extends IdempotencyDefaults {
  /**
   * Keeps listeners apart that get the same message. Default the listener's id and destination; the client id and name of a durable subscription; on
   * other topics the instance too, because each instance gets a copy of its own.
   */
  readonly scope?: string;
}

/** `idempotency` in the module's options: the store, and what holds for every idempotent listener that says nothing else. */
export interface IdempotencyModuleOptions extends IdempotencyDefaults {
  /** Where it is noted what was handled: `redisIdempotencyStore(...)`, or `new InMemoryIdempotencyStore()` for a single process. */
  readonly store: IdempotencyStore;
  /** Keeps applications apart that share a store; default none. */
  readonly app?: string;
  /** Names this process in the store, for people who look there; default its host and process id. */
  readonly instanceId?: string;
  /** ms for which a call to the store is repeated before it counts as out; default 3 000. */
  readonly storeBudgetMs?: number;
}

const DEFAULT_NAMES = [
  'key',
  'leaseMs',
  'completedTtlMs',
  'maxLeaseMs',
  'onInProgress',
  'onStoreError',
  'onMissingKey',
  'requireKey',
  'fingerprint',
  'onMismatch',
  'storeResult',
  'resultLimit',
] as const satisfies readonly (keyof IdempotencyDefaults)[];

/** Every option name, for the check that refuses unknown ones. */
export const IDEMPOTENT_OPTION_NAMES = [...DEFAULT_NAMES, 'scope'] as const satisfies readonly (keyof IdempotentOptions)[];

/** Every option name, for the check that refuses unknown ones. */
export const IDEMPOTENCY_MODULE_OPTION_NAMES = [
  ...DEFAULT_NAMES,
  'store',
  'app',
  'instanceId',
  'storeBudgetMs',
] as const satisfies readonly (keyof IdempotencyModuleOptions)[];
