import { Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';

import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import { ConfigurationError } from '../errors/index.js';
import type { JmsListenerContainer } from './jms-listener-container.js';

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

  /** Subscribes a listener, or all of them. */
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

  /** Starts no further handler of a listener, or of any; it stays subscribed. */
  pause(id?: string): void {
    for (const container of this.#select(id)) container.pause();
  }

  /** Undoes {@link pause}. */
  resume(id?: string): void {
    for (const container of this.#select(id)) container.resume();
  }

  /** Whether a listener is subscribed and not paused; without an id, whether all are. */
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
