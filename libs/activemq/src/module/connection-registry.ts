import { Injectable } from '@nestjs/common';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { ConfigurationError } from '../errors/index.js';

/** The connections of one application, by name. */
@Injectable()
export class ConnectionRegistry {
  readonly #connections = new Map<string, ActiveMqConnection>();

  /**
   * Adds a connection.
   *
   * @throws ConfigurationError when there is one of that name
   */
  register(connection: ActiveMqConnection): void {
    if (this.#connections.has(connection.name)) {
      throw new ConfigurationError(
        `Two connections are named '${connection.name}'; give every ActiveMqModule.forRoot() but one a \`name\` of its own`,
      );
    }
    this.#connections.set(connection.name, connection);
  }

  /** The names of all connections. */
  get names(): readonly string[] {
    return [...this.#connections.keys()];
  }
}
