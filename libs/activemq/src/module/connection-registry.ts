import { Injectable } from '@nestjs/common';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { ConfigurationError } from '../errors/index.js';
import type { ListenerSettings } from '../listener/jms-listener.resolver.js';

/** The connections of one application, by name, with what their modules say about listeners. */
@Injectable()
export class ConnectionRegistry {
  readonly #connections = new Map<string, ListenerSettings>();

  /**
   * Adds a connection.
   *
   * @throws ConfigurationError when there is one of that name
   */
  register(connection: ActiveMqConnection, listeners: ListenerSettings): void {
    if (this.#connections.has(connection.name)) {
      throw new ConfigurationError(
        `Two connections are named '${connection.name}'; give every ActiveMqModule.forRoot() but one a \`name\` of its own`,
      );
    }
    this.#connections.set(connection.name, listeners);
  }

  /** Takes a connection out that is closed, and tells how many are left. */
  unregister(name: string): number {
    this.#connections.delete(name);
    return this.#connections.size;
  }

  /** The names of all connections. */
  get names(): readonly string[] {
    return [...this.#connections.keys()];
  }

  /** What the module of a connection says about listeners; `undefined` when there is no such connection. */
  listenerSettings(name: string): ListenerSettings | undefined {
    return this.#connections.get(name);
  }
}
