import os from 'node:os';

import { ConfigurationError } from '../errors/index.js';
import { assertBoolean, assertFunction, assertInteger, assertKnownOptions, assertOneOf, assertText } from '../validation/index.js';
import { assertClaimDurations } from './claim-durations.js';
import {
  IDEMPOTENCY_MODULE_OPTION_NAMES,
  type IdempotencyDefaults,
  type IdempotencyModuleOptions,
  IDEMPOTENT_OPTION_NAMES,
  type IdempotentOptions,
} from './idempotency-options.js';

/** {@link IdempotencyDefaults}, checked and complete. */
export interface IdempotencySettings extends Required<Omit<IdempotencyDefaults, 'key'>> {
  readonly key: IdempotencyDefaults['key'];
}

/** {@link IdempotencyModuleOptions}, checked and complete but for what listeners add. */
export interface IdempotencyModuleSettings {
  readonly store: IdempotencyModuleOptions['store'];
  readonly app: string;
  readonly instanceId: string;
  readonly storeBudgetMs: number;
  readonly defaults: IdempotencyDefaults;
}

const STORE_METHODS = ['claim', 'renew', 'complete', 'release', 'ping'] as const;

/**
 * Checks the module's options.
 *
 * @param where names the module in errors
 * @throws ConfigurationError naming the option and the cure
 */
export function resolveModuleSettings(where: string, given: unknown): IdempotencyModuleSettings {
  const name = `\`idempotency\` of ${where}`;
  if (given === undefined) {
    throw new ConfigurationError(
      `${where}: a listener is decorated with @Idempotent(), but there is no store. Add \`idempotency: { store: redisIdempotencyStore(client) }\`, or \`new InMemoryIdempotencyStore()\` for a single process`,
    );
  }
  assertKnownOptions(name, given, IDEMPOTENCY_MODULE_OPTION_NAMES);
  const options = given as IdempotencyModuleOptions;
  assertStore(name, options.store);
  const { app = '', instanceId = `${os.hostname()}-${process.pid}`, storeBudgetMs = 3_000 } = options;
  if (app !== '') assertText(name, 'app', app);
  assertText(name, 'instanceId', instanceId);
  assertInteger(name, 'storeBudgetMs', storeBudgetMs, { min: 0 });
  resolveIdempotencySettings(name, [options]);
  return { store: options.store, app, instanceId, storeBudgetMs, defaults: options };
}

/**
 * Checks what a decorator was given.
 *
 * @param where names the listener in errors
 * @throws ConfigurationError naming the option and the cure
 */
export function assertIdempotentOptions(where: string, options: object): asserts options is IdempotentOptions {
  assertKnownOptions(where, options, IDEMPOTENT_OPTION_NAMES);
  const { scope } = options as IdempotentOptions;
  if (scope !== undefined) assertText(where, 'scope', scope);
}

/**
 * Puts layers of options together, of which later ones win where they say something, and fills in the defaults.
 *
 * @param where names the listener in errors
 * @throws ConfigurationError naming the option and the cure
 */
export function resolveIdempotencySettings(where: string, layers: readonly IdempotencyDefaults[]): IdempotencySettings {
  const last = <Name extends keyof IdempotencyDefaults>(name: Name) => layers.findLast((layer) => layer[name] !== undefined)?.[name];
  const settings: IdempotencySettings = {
    key: last('key'),
    leaseMs: last('leaseMs') ?? 30_000,
    completedTtlMs: last('completedTtlMs') ?? 86_400_000,
    maxLeaseMs: last('maxLeaseMs') ?? 900_000,
    onInProgress: last('onInProgress') ?? 'defer',
    onStoreError: last('onStoreError') ?? 'pause',
    onMissingKey: last('onMissingKey') ?? 'refuse',
    requireKey: last('requireKey') ?? false,
    fingerprint: last('fingerprint') ?? false,
    onMismatch: last('onMismatch') ?? 'refuse',
    storeResult: last('storeResult') ?? 'whenReplyTo',
    resultLimit: last('resultLimit') ?? 16_384,
  };
  if (settings.key !== undefined) assertFunction(where, 'key', settings.key);
  assertClaimDurations(where, settings);
  assertInteger(where, 'maxLeaseMs', settings.maxLeaseMs, { min: settings.leaseMs });
  assertOneOf(where, 'onInProgress', settings.onInProgress, ['defer', 'hold', 'drop']);
  assertOneOf(where, 'onStoreError', settings.onStoreError, ['pause', 'process']);
  assertOneOf(where, 'onMissingKey', settings.onMissingKey, ['refuse', 'process']);
  assertBoolean(where, 'requireKey', settings.requireKey);
  if (typeof settings.fingerprint !== 'function') assertBoolean(where, 'fingerprint', settings.fingerprint);
  assertOneOf(where, 'onMismatch', settings.onMismatch, ['refuse', 'warn']);
  assertOneOf(where, 'storeResult', settings.storeResult, ['whenReplyTo', 'always', 'never']);
  assertInteger(where, 'resultLimit', settings.resultLimit, { min: 0 });
  return settings;
}

function assertStore(where: string, store: unknown): void {
  const missing = STORE_METHODS.filter((method) => typeof (store as Record<string, unknown> | null | undefined)?.[method] !== 'function');
  if (missing.length === 0) return;
  throw new ConfigurationError(
    `${where}: \`store\` has no method ${missing.join(', ')}; give it redisIdempotencyStore(client), new InMemoryIdempotencyStore() or a store of your own`,
  );
}
