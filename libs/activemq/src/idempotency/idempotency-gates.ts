import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { ConnectionLogger } from '../connection/connection-settings.js';
import { toErrorText } from '../errors/error-text.js';
import type { GuardedEndpoint, ListenerGates, ListenerGatesContext } from '../listener/listener-gate.js';
import { IdempotencyGate } from './idempotency-gate.js';
import {
  assertIdempotentOptions,
  type IdempotencyModuleSettings,
  resolveIdempotencySettings,
  resolveModuleSettings,
} from './idempotency-settings.js';
import { IdempotencyStoreError } from './idempotency-store.error.js';
import { LeaseKeeper } from './lease-keeper.js';
import { listenerScope } from './listener-scope.js';
import { RetryingIdempotencyStore } from './retrying-idempotency-store.js';
import { RunningAttempts } from './running-attempts.js';
import { StoreBreaker } from './store-breaker.js';

/** ms between two tries of a start that waits for its store. */
const START_PAUSE = 1_000;
/** ms until a broker that did not say whether it has a scheduler is asked again. */
const SCHEDULER_PAUSE = 5_000;

/** The gates of one connection's idempotent listeners: one store, one breaker, one keeper of leases. */
export class IdempotencyGates implements ListenerGates {
  readonly #settings: IdempotencyModuleSettings;
  readonly #logger: ConnectionLogger;
  readonly #hasScheduler: () => Promise<boolean>;
  readonly #store: RetryingIdempotencyStore;
  readonly #leases: LeaseKeeper;
  readonly #running = new RunningAttempts();
  readonly #breaker: StoreBreaker;
  readonly #gates: IdempotencyGate[] = [];
  #isStopped = false;
  /** Two instances never share it, unlike the one in the options. */
  readonly #instance = randomUUID();

  constructor({ where, options, logger, hasScheduler }: ListenerGatesContext) {
    this.#settings = resolveModuleSettings(where, options);
    this.#logger = logger;
    this.#hasScheduler = hasScheduler;
    const { store, storeBudgetMs } = this.#settings;
    const onRetry = (error: Error) => logger.debug(`${toErrorText(error)}; it is asked again`);
    this.#store = new RetryingIdempotencyStore(store, { budgetMs: storeBudgetMs, onRetry });
    this.#leases = new LeaseKeeper(this.#store);
    this.#breaker = new StoreBreaker({ store: this.#store, logger, onRecovered: () => this.#running.recordAgain() });
  }

  create({ endpoint, clientId, options }: GuardedEndpoint): IdempotencyGate {
    const where = `@Idempotent() of listener '${endpoint.id}' (${endpoint.methodName})`;
    for (const layer of options) assertIdempotentOptions(where, layer);
    const { app, instanceId, defaults } = this.#settings;
    const gate = new IdempotencyGate({
      where,
      endpoint,
      settings: resolveIdempotencySettings(where, [defaults, ...options]),
      app,
      scope: listenerScope(endpoint, options, { clientId, instance: this.#instance }),
      instanceId,
      store: this.#store,
      leases: this.#leases,
      running: this.#running,
      breaker: this.#breaker,
      logger: this.#logger,
    });
    this.#gates.push(gate);
    return gate;
  }

  async start(startup: 'background' | 'wait' | 'fail'): Promise<void> {
    await this.#openStore(startup);
    // Not waited for: there may be no broker yet, and until it is known messages are held.
    void this.#lookForScheduler();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#breaker.stop();
    try {
      // What handlers did while the store was out: the last chance to say so.
      await this.#running.recordAgain();
    } catch (error) {
      this.#logger.warn(`Handled messages could not be recorded before the end, and may be handled again: ${toErrorText(error)}`);
    }
    await this.#store.close();
  }

  async #openStore(startup: 'background' | 'wait' | 'fail'): Promise<void> {
    for (;;) {
      try {
        await this.#breaker.open();
        return;
      } catch (error) {
        if (!(error instanceof IdempotencyStoreError) || startup === 'fail') throw error;
        if (startup === 'background') {
          this.#breaker.trip(error);
          return;
        }
        this.#logger.warn(`The start waits for the idempotency store: ${toErrorText(error)}`);
        await delay(START_PAUSE);
      }
    }
  }

  /** Without one messages are held, which every listener that would defer should know. */
  async #lookForScheduler(): Promise<void> {
    const deferring = this.#gates.filter((gate) => gate.wantsToDefer);
    if (deferring.length === 0) return;
    let hasScheduler: boolean;
    try {
      hasScheduler = await this.#hasScheduler();
    } catch (error) {
      if (this.#isStopped) return;
      this.#logger.warn(`The broker could not be asked for its scheduler, messages are held meanwhile: ${toErrorText(error)}`);
      setTimeout(() => void this.#lookForScheduler(), SCHEDULER_PAUSE).unref();
      return;
    }
    for (const gate of deferring) gate.canDefer = hasScheduler;
    if (hasScheduler) return;
    const ids = deferring.map(({ listenerId }) => `'${listenerId}'`).join(', ');
    this.#logger.warn(
      `The broker has no scheduler (schedulerSupport="true" on its broker element): a message that another consumer is at waits in a slot of its listener instead of being sent back, at ${ids}. Say \`onInProgress: 'hold'\` if that is meant`,
    );
  }
}
