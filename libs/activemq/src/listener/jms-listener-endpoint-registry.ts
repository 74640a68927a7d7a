import { Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';

import { DEFAULT_CONNECTION_NAME } from '../connection/connection-settings.js';
import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import { ConfigurationError, IllegalStateError } from '../errors/index.js';
import type { JmsListenerContainer } from './jms-listener-container.js';
import type { BatchOptions } from './jms-listener-options.js';
import type { BatchListenerFunction, JmsListenerFunction, RegisteredListenerOptions } from './programmatic-listener.js';

/** Makes and starts the listeners of one connection. */
export interface ListenerRegistrar {
  register(options: RegisteredListenerOptions, handler: JmsListenerFunction): JmsListenerContainer;
  /** Does not stop it at shutdown any more. */
  forget(container: JmsListenerContainer): void;
}

const DEFAULT_STOP_TIMEOUT = 30_000;

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
  readonly #outcomes = new Subject<DeliveryOutcome>();

  /** Emits what became of each delivery, of all listeners; settlement does not wait for observers. */
  readonly outcomes$: Observable<DeliveryOutcome> = this.#outcomes.asObservable();

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
    // A batch reaches its function the way a message does.
    return registrar.register(options, handler as unknown as JmsListenerFunction);
  }

  /**
   * Stops a listener and forgets it; its id is free then.
   *
   * @param timeout ms to wait for handlers; default 30 000
   * @throws ConfigurationError when no listener has that id
   */
  async unregisterListener(id: string, timeout = DEFAULT_STOP_TIMEOUT): Promise<void> {
    for (const container of this.#select(id)) {
      await container.stop(timeout);
      container.dispose();
      this.#containers.delete(id);
      for (const registrar of this.#registrars.values()) registrar.forget(container);
    }
  }

  /** @internal Who makes the listeners of a connection; the returned function takes it out. */
  attach(connection: string, registrar: ListenerRegistrar): () => void {
    this.#registrars.set(connection, registrar);
    return () => void this.#registrars.delete(connection);
  }

  /** @internal Adds a listener that is not started yet. */
  registerListenerContainer(container: JmsListenerContainer): void {
    if (this.#containers.has(container.id)) {
      throw new ConfigurationError(
        `Two listeners have the id '${container.id}'; give each an \`id\` of its own in @JmsListener({ id, destination })`,
      );
    }
    this.#containers.set(container.id, container);
  }

  /** @internal Where containers report. */
  report(outcome: DeliveryOutcome): void {
    this.#outcomes.next(outcome);
  }

  /**
   * Subscribes a listener, or all of them.
   *
   * @throws ConfigurationError when no listener has that id
   */
  start(id?: string): void {
    for (const container of this.#select(id)) container.start();
  }

  /**
   * Lets handlers finish and unsubscribes a listener, or all of them.
   *
   * @param timeout ms to wait for handlers; default 30 000
   */
  async stop(id?: string, timeout = DEFAULT_STOP_TIMEOUT): Promise<void> {
    await Promise.all(this.#select(id).map((container) => container.stop(timeout)));
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

  #select(id: string | undefined): readonly JmsListenerContainer[] {
    if (id === undefined) return this.getListenerContainers();
    const container = this.#containers.get(id);
    if (container) return [container];
    const known = this.#containers.size === 0 ? 'there are no listeners' : `the listeners are ${this.getListenerContainerIds().join(', ')}`;
    throw new ConfigurationError(`No listener has the id '${id}'; ${known}`);
  }
}
