import { BehaviorSubject, distinctUntilChanged, type Observable } from 'rxjs';

import type { ConnectionLogger } from './connection-settings.js';
import type { ConnectionEvents, ConnectionState } from './connection-state.js';
import { toErrorStack, toErrorText } from '../errors/error-text.js';
import { GuardedObservable } from './guarded-observable.js';
import type { Link } from './link.js';
import type { TypedEvents } from './typed-events.js';

type LinkCondition = 'opening' | 'open' | 'lost' | 'failed';

/** Where a connection stands, made up from its links; tells and logs what changes, once for all links together. */
export class ConnectionStatus {
  readonly #logger: ConnectionLogger;
  readonly #events: TypedEvents<ConnectionEvents>;
  readonly #state = new BehaviorSubject<ConnectionState>('idle');
  readonly #conditions = new Map<Link, LinkCondition>();
  #interruptedAt: number | undefined;
  #wasConnected = false;

  /** Emits the state now and at each change; what an observer throws is logged. */
  readonly state$: Observable<ConnectionState>;

  constructor(logger: ConnectionLogger, events: TypedEvents<ConnectionEvents>) {
    this.#logger = logger;
    this.#events = events;
    this.state$ = new GuardedObservable(this.#state.pipe(distinctUntilChanged()), (error) =>
      logger.error(`An observer of state$ failed: ${toErrorText(error)}`, toErrorStack(error)),
    );
  }

  /** Where the connection stands right now. */
  get state(): ConnectionState {
    return this.#state.value;
  }

  /** Whether this link has given up. */
  hasFailed(link: Link): boolean {
    return this.#conditions.get(link) === 'failed';
  }

  /** The link looks for a broker, for the first time or after it gave up. */
  onStarted(link: Link): void {
    this.#conditions.set(link, 'opening');
    this.#update();
  }

  /** The link has a session. */
  onOpen(link: Link, brokerUri: string): void {
    this.#conditions.set(link, 'open');
    this.#update();
    if (this.state !== 'connected') return;
    if (this.#interruptedAt !== undefined) {
      const interruptedFor = performance.now() - this.#interruptedAt;
      this.#interruptedAt = undefined;
      this.#logger.log(`Successfully reconnected to ${brokerUri} after ${Math.round(interruptedFor)} ms`);
      this.#events.emit('resumed', { brokerUri, interruptedFor });
    } else if (!this.#wasConnected) {
      this.#wasConnected = true;
      this.#events.emit('connected', { brokerUri });
    }
  }

  /** The link has lost its session. */
  onLost(link: Link, brokerUri: string, reason: Error): void {
    if (!this.#wasConnected) {
      // It still looks for its first complete connection: nothing was interrupted that anybody has seen.
      this.#conditions.set(link, 'opening');
      this.#logger.debug(`Transport (${brokerUri}) failed before the connection was complete: ${reason.message}`);
      this.#update();
      return;
    }
    this.#conditions.set(link, 'lost');
    if (this.#interruptedAt === undefined) {
      this.#interruptedAt = performance.now();
      this.#logger.warn(`Transport (${brokerUri}) failed, attempting to automatically reconnect: ${reason.message}`);
      this.#update();
      this.#events.emit('interrupted', { brokerUri, reason });
    }
    this.#update();
  }

  /** The link has given up. */
  onGaveUp(link: Link, reason: Error): void {
    this.#conditions.set(link, 'failed');
    // The other link may have given up before: one failure is told once.
    if (this.state === 'failed') return;
    this.#logger.error(reason.message);
    this.#update();
    this.#events.emit('failed', { reason });
  }

  /** The application has closed the connection; nothing changes any more. */
  onClosed(): void {
    this.#state.next('closed');
    this.#events.emit('closed', {});
  }

  #update(): void {
    if (this.#state.value !== 'closed') this.#state.next(this.#computeState());
  }

  #computeState(): ConnectionState {
    const conditions = [...this.#conditions.values()];
    if (conditions.includes('failed')) return 'failed';
    if (conditions.includes('lost')) return 'interrupted';
    return conditions.includes('opening') ? 'connecting' : 'connected';
  }
}
