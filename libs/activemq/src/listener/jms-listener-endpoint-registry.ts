import { Injectable, Logger } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';

import { DEFAULT_CONNECTION_NAME } from '../connection/connection-settings.js';
import { GuardedObservable } from '../connection/guarded-observable.js';
import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import { toErrorStack, toErrorText } from '../errors/error-text.js';
import { ConfigurationError, IllegalStateError } from '../errors/index.js';
import type { JmsListenerContainer } from './jms-listener-container.js';
import type { BatchOptions } from './jms-listener-options.js';
import { assertStopTimeout } from './stop-deadline.js';
import type { BatchListenerFunction, JmsListenerFunction, RegisteredListenerOptions } from './programmatic-listener.js';

/** Makes and starts the listeners of one connection. */
export interface ListenerRegistrar {
  register(options: RegisteredListenerOptions, handler: JmsListenerFunction): JmsListenerContainer;
  /** Does not stop it at shutdown any more. */
  forget(container: JmsListenerContainer): void;
}

/**
 * The running listeners of the application, by id.
 *
 * @example registry.pause('orders'); await repair(); registry.resume('orders');
 * @see https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/jms/config/JmsListenerEndpointRegistry.html
 */
@Injectable()
export class JmsListenerEndpointRegistry {
  readonly #containers = new Map<string, JmsListenerContainer>();
  readonly #registrars = new Map<string, ListenerRegistrar>();
  readonly #logger = new Logger(JmsListenerEndpointRegistry.name);
  readonly #outcomes = new Subject<DeliveryOutcome>();

  /** Emits what became of each delivery, of all listeners; settlement does not wait for observers, and what they throw is logged. */
  readonly outcomes$: Observable<DeliveryOutcome> = new GuardedObservable(this.#outcomes, (error) =>
    this.#logger.error(`An observer of outcomes$ failed: ${toErrorText(error)}`, toErrorStack(error)),
  );

  /** The ids of all listeners. */
  getListenerContainerIds(): readonly string[] {
    return [...this.#containers.keys()];
  }

  /** All listeners. */
  getListenerContainers(): readonly JmsListenerContainer[] {
    return [...this.#containers.values()];
  }

  /** One listener; `undefined` when there is none of that id. */
  getListenerContainer(id: string): JmsListenerContainer | undefined {
    return this.#containers.get(id);
  }

  /**
   * Adds a listener at run time, with the options, checks, redelivery and replies of a decorated one; it starts with the application, or at once
   * when that has started, unless `autoStartup` is false. Guards, interceptors, pipes and filters do not run: there is no class to hold them.
   * Mirrors `JmsListenerConfigurer` and `registerListenerContainer`.
   *
   * Possible from `onModuleInit` on. The module's `listeners` cannot override it.
   *
   * @param options as in `@JmsListener`, with an `id`
   * @throws ConfigurationError for a wrong option, an id that is taken, or a connection that does not exist
   * @throws IllegalStateError while the application shuts down
   * @example registry.registerListener({ id: `orders-${tenant}`, destination: `orders.${tenant}` }, async ({ payload }) => handle(tenant, payload));
   */
  registerListener<T = unknown>(
    options: RegisteredListenerOptions & { readonly batch?: undefined },
    handler: JmsListenerFunction<T>,
  ): JmsListenerContainer;
  registerListener<T = unknown>(
    options: RegisteredListenerOptions & { readonly batch: BatchOptions },
    handler: BatchListenerFunction<T>,
  ): JmsListenerContainer;
  registerListener(
    options: RegisteredListenerOptions,
    handler: JmsListenerFunction<never> | BatchListenerFunction<never>,
  ): JmsListenerContainer {
    const name = options.connection ?? DEFAULT_CONNECTION_NAME;
    const registrar = this.#registrars.get(name);
    if (!registrar) {
      const names = [...this.#registrars.keys()];
      const what = `Listener '${options.id}' cannot be registered on the connection '${name}'`;
      if (names.length === 0)
        throw new IllegalStateError(`${what}: there are connections from onModuleInit until the application shuts down`);
      throw new ConfigurationError(`${what}, which does not exist; the connections are ${names.join(', ')}`);
    }
    const before = this.#containers.get(options.id);
    try {
      // A batch reaches its function the way a message does.
      return registrar.register(options, handler as unknown as JmsListenerFunction);
    } catch (error) {
      // What could not be announced or started is none: its id is free.
      const left = this.#containers.get(options.id);
      if (left && left !== before) {
        void left.stop(0);
        this.#forget(left);
      }
      throw error;
    }
  }

  /**
   * Stops a listener and forgets it; its id is free then, and not before. Nothing starts it again meanwhile, which Spring reaches by forgetting it
   * first. Called by a handler of the listener it does not wait, as {@link stop}.
   *
   * @param timeout ms to wait for handlers; default the connection's `shutdownTimeout`
   * @throws ConfigurationError when no listener has that id, or for an impossible timeout
   */
  async unregisterListener(id: string, timeout?: number): Promise<void> {
    await Promise.all(
      this.#select(id).map((container) => {
        if (timeout !== undefined) assertStopTimeout(id, timeout);
        container.retire();
        return this.#stop(container, timeout, () => this.#forget(container));
      }),
    );
  }

  /** @internal Who makes the listeners of a connection; the returned function takes it out. */
  attach(connection: string, registrar: ListenerRegistrar): () => void {
    this.#registrars.set(connection, registrar);
    return () => void this.#registrars.delete(connection);
  }

  /** @internal Refuses an id that a listener has: before one is made for it, which would stay on its connection. */
  assertFree(id: string): void {
    if (!this.#containers.has(id)) return;
    throw new ConfigurationError(`Two listeners have the id '${id}'; give each an \`id\` of its own in @JmsListener({ id, destination })`);
  }

  /** @internal Adds a listener that is not started yet. */
  registerListenerContainer(container: JmsListenerContainer): void {
    this.assertFree(container.id);
    this.#containers.set(container.id, container);
  }

  /** @internal Where containers report. */
  report(outcome: DeliveryOutcome): void {
    this.#outcomes.next(outcome);
  }

  /**
   * Subscribes a listener, or all of them but those that are being unregistered.
   *
   * @throws ConfigurationError when no listener has that id
   * @throws IllegalStateError when the listener is being unregistered
   */
  start(id?: string): void {
    for (const container of this.#select(id)) {
      if (id !== undefined || !container.isUnregistered) container.start();
    }
  }

  /**
   * Lets handlers finish and unsubscribes a listener, or all of them; what stops already gets no more time than this.
   *
   * Called by a handler of the listener it does not wait for that one, which would wait for itself: it stops when the handler has ended.
   *
   * @param timeout ms to wait for handlers; default the connection's `shutdownTimeout`
   * @throws ConfigurationError when no listener has that id, or for an impossible timeout
   */
  async stop(id?: string, timeout?: number): Promise<void> {
    await Promise.all(this.#select(id).map((container) => this.#stop(container, timeout)));
  }

  /**
   * Starts no further handler of a listener, or of any; it stays subscribed.
   *
   * @throws ConfigurationError when no listener has that id
   */
  pause(id?: string): void {
    for (const container of this.#select(id)) container.pause();
  }

  /**
   * Undoes {@link pause}.
   *
   * @throws ConfigurationError when no listener has that id
   */
  resume(id?: string): void {
    for (const container of this.#select(id)) container.resume();
  }

  /**
   * Changes how many messages a listener handles at the same time; see {@link JmsListenerContainer.setConcurrency}.
   *
   * @throws ConfigurationError when no listener has that id, or for an impossible number
   * @throws IllegalStateError when the listener is being unregistered
   */
  async setConcurrency(id: string, concurrency: number): Promise<void> {
    await Promise.all(this.#select(id).map((container) => container.setConcurrency(concurrency)));
  }

  /**
   * Whether a listener is subscribed and not paused; without an id, whether all are.
   *
   * @throws ConfigurationError when no listener has that id
   */
  isRunning(id?: string): boolean {
    return this.#select(id).every(({ state }) => state === 'running');
  }

  /** Stops a listener, and waits for it where that does not wait for this. */
  async #stop(container: JmsListenerContainer, timeout: number | undefined, onStopped?: () => void): Promise<void> {
    if (timeout !== undefined) assertStopTimeout(container.id, timeout);
    const { isInOwnHandler } = container;
    const stopped = container.stop(timeout).then(onStopped);
    if (!isInOwnHandler) await stopped;
  }

  #forget(container: JmsListenerContainer): void {
    container.dispose();
    if (this.#containers.get(container.id) === container) this.#containers.delete(container.id);
    for (const registrar of this.#registrars.values()) registrar.forget(container);
  }

  #select(id: string | undefined): readonly JmsListenerContainer[] {
    if (id === undefined) return this.getListenerContainers();
    const container = this.#containers.get(id);
    if (container) return [container];
    const known = this.#containers.size === 0 ? 'there are no listeners' : `the listeners are ${this.getListenerContainerIds().join(', ')}`;
    throw new ConfigurationError(`No listener has the id '${id}'; ${known}`);
  }
}
