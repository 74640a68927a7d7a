import { assertBoolean, assertFunction, assertInteger, assertKnownOptions, assertText } from '../validation/index.js';

/** How the store uses Redis, whoever made the connection. */
export interface RedisIdempotencyStoreOptions {
  /** Begins every key; default `amq:idem`. */
  readonly keyPrefix?: string;
  /** How long one call may take, in ms; default 1 000. The client's own limit per command is switched off. */
  readonly timeoutMs?: number;
  /** How many calls may be past their deadline and still held by the client before further ones fail at once; default 1 000. */
  readonly maxUnanswered?: number;
  /** Accept a Redis that may evict records when its memory is full, which lets duplicates pass; default false. */
  readonly allowEviction?: boolean;
  /** Told of what is doubtful at start-up; default `process.emitWarning`. */
  readonly onWarning?: (message: string) => void;
}

const STORE_OPTION_NAMES = ['keyPrefix', 'timeoutMs', 'maxUnanswered', 'allowEviction', 'onWarning'] as const;

/** {@link RedisIdempotencyStoreOptions} with defaults filled in. */
export type RedisStoreSettings = Required<RedisIdempotencyStoreOptions>;

/** @throws ConfigurationError naming the option and the cure */
export function resolveStoreOptions(
  where: string,
  options: RedisIdempotencyStoreOptions,
  others: readonly string[] = [],
): RedisStoreSettings {
  assertKnownOptions(where, options, [...STORE_OPTION_NAMES, ...others]);
  const { keyPrefix = 'amq:idem', timeoutMs = 1_000, maxUnanswered = 1_000, allowEviction = false } = options;
  const { onWarning = (message: string) => process.emitWarning(message, 'ActiveMqWarning') } = options;
  assertText(where, 'keyPrefix', keyPrefix);
  assertInteger(where, 'timeoutMs', timeoutMs, { min: 1, max: 600_000 });
  assertInteger(where, 'maxUnanswered', maxUnanswered, { min: 1 });
  assertBoolean(where, 'allowEviction', allowEviction);
  assertFunction(where, 'onWarning', onWarning);
  return { keyPrefix, timeoutMs, maxUnanswered, allowEviction, onWarning };
}
