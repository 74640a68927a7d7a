import { ConnectError, IllegalStateError, isActiveMqError } from '../errors/index.js';
import { isSameBroker, type BrokerUri } from './broker-uri.js';
import { attempt, reasonOf, stopped, type SessionOpener } from './failover-attempt.js';
import { SessionHistory } from './failover-history.js';
import type { FailoverLogger } from './failover-logger.js';
import { orderOfRound } from './failover-order.js';
import type { FailoverUri } from './failover-uri.js';
import { watchPriority } from './failover-priority.js';
import { reconnectDelay } from './reconnect-delay.js';
import { sleep } from './reconnect-sleep.js';

/** What a {@link FailoverConnector} needs. */
export interface FailoverConnectorOptions<S> {
  readonly uri: FailoverUri;
  readonly open: SessionOpener<S>;
  readonly logger: FailoverLogger;
  /** Numbers from 0 to 1 for the order of brokers and the jitter; default `Math.random`. */
  readonly random?: () => number;
  /** The broker to try first, asked before each round: where the sister link is connected. */
  readonly preferred?: () => BrokerUri | undefined;
  /** Closes a session that became open although connecting had been stopped. */
  readonly discard?: (session: S) => void;
}

/** An open session, and how it came about. */
export interface ConnectedSession<S> {
  readonly session: S;
  readonly uri: BrokerUri;
  /** Rounds through the list that it took, this one included: 1 when no round failed. */
  readonly attempts: number;
}

interface Failure {
  readonly uri: BrokerUri;
  readonly reason: string;
  readonly error: unknown;
}

/** Opens sessions one after another with the brokers of a URL: all of them are tried before it pauses, and the pauses grow. */
export class FailoverConnector<S> {
  readonly #options: FailoverConnectorOptions<S>;
  readonly #random: () => number;
  readonly #warned = new Map<BrokerUri, string>();
  readonly #history = new SessionHistory();
  #connecting = false;
  #isStartup = true;
  #lost: BrokerUri | undefined;
  #dropper: BrokerUri | undefined;
  #pauses = 0;
  #lastFailure: string | undefined;

  constructor(options: FailoverConnectorOptions<S>) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    const { uris, duplicates = [] } = options.uri;
    if (duplicates.length > 0) options.logger.warn(`The broker URL names ${listOf(duplicates)} twice; the brokers are ${listOf(uris)}`);
  }

  /**
   * Opens a session; called again when that session is lost.
   *
   * The first call tries at once, a later one pauses first. An attempt is one round through all brokers. A later call after
   * giving up begins anew, like the first.
   *
   * @param signal stops connecting: the promise rejects at once, no timer stays
   * @throws ConnectError when the attempts are used up, naming why each broker failed, or when stopped
   * @throws ConfigurationError when `open` threw one: no broker can cure it
   * @throws IllegalStateError when a call is under way
   */
  async connect(signal: AbortSignal = new AbortController().signal): Promise<ConnectedSession<S>> {
    if (this.#connecting) {
      throw new IllegalStateError('connect() is under way; a connector opens one session at a time, make one connector per session');
    }
    this.#connecting = true;
    try {
      await this.#afterLoss(signal);
      return await this.#rounds(signal);
    } finally {
      this.#connecting = false;
    }
  }

  /** The broker that was tried last without success, and why it failed; without credentials. */
  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  /** Tells that the session opened last proved useful, e.g. by a receipt or a message: when it is lost, the back-off starts anew. */
  succeeded(): void {
    this.#history.succeeded();
  }

  /**
   * With `priorityBackup`: probes the priority brokers until one of them opens a session, and hands that session over.
   *
   * The caller owns it, moves its work there and closes the old one.
   *
   * @param current where the caller is connected
   * @param signal ends the probing; abort it when the current session is lost
   * @returns `undefined` when `current` is a priority broker, `priorityBackup` is off, or the signal aborted
   */
  async watchPriority(current: BrokerUri, signal: AbortSignal): Promise<ConnectedSession<S> | undefined> {
    const better = await watchPriority(this.#options, this.#random, current, signal);
    if (better === undefined) return undefined;
    this.#opened(better.uri);
    return { ...better, attempts: 1 };
  }

  async #afterLoss(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw stopped(signal);
    const end = this.#history.ended();
    if (end === undefined) return;
    this.#lost = end.uri;
    this.#dropper = end.proven ? undefined : end.uri;
    if (end.proven) this.#pauses = 0;
    const { options } = this.#options.uri;
    if (options.maxReconnectAttempts === 0) {
      this.#reset();
      throw new ConnectError(`Transport (${end.uri.toString()}) failed, not attempting to automatically reconnect: maxReconnectAttempts=0`);
    }
    const count = end.unprovenInARow;
    const every = options.warnAfterReconnectAttempts;
    if (every > 0 && (count === 2 || (count > 2 && count % every === 0))) {
      this.#options.logger.warn(
        `${count} sessions in a row were lost before they proved useful, the last with ${end.uri.toString()}; the pauses grow.`,
      );
    }
    await this.#pause(signal);
  }

  async #rounds(signal: AbortSignal): Promise<ConnectedSession<S>> {
    for (let failed = 0; ;) {
      const outcome = await this.#round(failed, signal);
      if (!Array.isArray(outcome)) return outcome;
      failed++;
      this.#giveUpOrWarn(failed, outcome);
      await this.#pause(signal);
    }
  }

  async #round(failed: number, signal: AbortSignal): Promise<ConnectedSession<S> | Failure[]> {
    const { uri: failover, open, logger, preferred, discard } = this.#options;
    const failures: Failure[] = [];
    const hints = { preferred: this.#trusted(preferred?.()), lost: this.#lost, random: this.#random };
    for (const uri of orderOfRound(failover, hints)) {
      logger.debug(`Attempting ${failed}th connect to: ${uri.toString()}`);
      try {
        const session = await attempt(open, uri, signal, discard);
        const isFirst = this.#isStartup;
        this.#opened(uri);
        logger.log(`Successfully ${isFirst ? 'connected' : 'reconnected'} to ${uri.toString()}`);
        return { session, uri, attempts: failed + 1 };
      } catch (error) {
        if (signal.aborted) throw stopped(signal);
        failures.push(this.#failed(uri, error));
      }
    }
    return failures;
  }

  #opened(uri: BrokerUri): void {
    this.#isStartup = false;
    this.#warned.clear();
    this.#history.opened(uri);
  }

  /** A broker that drops this link at once is not preferred, even if it serves the sister link. */
  #trusted(preferred: BrokerUri | undefined): BrokerUri | undefined {
    const drops = preferred !== undefined && this.#dropper !== undefined && isSameBroker(preferred, this.#dropper);
    return drops ? undefined : preferred;
  }

  #failed(uri: BrokerUri, error: unknown): Failure {
    const reason = reasonOf(error, uri);
    this.#lastFailure = `${uri.toString()}: ${reason}`;
    this.#options.logger.debug(`Connect fail to: ${uri.toString()}, reason: ${reason}`);
    if (isActiveMqError(error)) {
      if (error.code === 'ERR_AMQ_CONFIGURATION') throw error;
      // A refusal such as a wrong password is tried again, the broker may be starting; but it is said once at `warn`.
      if (!error.retryable && this.#warned.get(uri) !== reason) {
        this.#warned.set(uri, reason);
        this.#options.logger.warn(`${uri.toString()} refused the connection: ${reason}; continuing to retry.`);
      }
    }
    return { uri, reason, error };
  }

  #giveUpOrWarn(failed: number, failures: readonly Failure[]): void {
    const { uris, options } = this.#options.uri;
    const limit =
      this.#isStartup && options.startupMaxReconnectAttempts !== -1 ? options.startupMaxReconnectAttempts : options.maxReconnectAttempts;
    const last = failures.at(-1);
    if (limit !== -1 && failed >= limit) {
      this.#reset();
      const reasons = failures.map(({ uri, reason }) => `${uri.toString()}: ${reason}`).join('; ');
      throw new ConnectError(`Failed to connect to ${listOf(uris)} after: ${failed} attempt(s): ${reasons}`, { cause: last?.error });
    }
    const every = options.warnAfterReconnectAttempts;
    if (every > 0 && (failed === 1 || failed % every === 0)) {
      this.#options.logger.warn(
        `Failed to connect to ${listOf(uris)} after: ${failed} attempt(s) with ${reasonsOf(failures)}, continuing to retry.`,
      );
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const ms = reconnectDelay(this.#options.uri.options, this.#pauses++, this.#random());
    if (ms > 0) this.#options.logger.debug(`Waiting ${Math.round(ms)} ms before attempting connection`);
    await sleep(ms, signal);
    if (signal.aborted) throw stopped(signal);
  }

  #reset(): void {
    this.#isStartup = true;
    this.#pauses = 0;
  }
}

function listOf(uris: readonly BrokerUri[]): string {
  return `[${uris.join(', ')}]`;
}

/** One reason when all brokers failed for the same one, else each with its broker: a wrong port must not hide behind a slave's closed one. */
function reasonsOf(failures: readonly Failure[]): string {
  const [first] = failures;
  if (failures.every(({ reason }) => reason === first?.reason)) return first?.reason ?? '?';
  return failures.map(({ uri, reason }) => `${uri.toString()}: ${reason}`).join('; ');
}
