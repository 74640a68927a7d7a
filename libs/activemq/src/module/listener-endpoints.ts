import { Injectable } from '@nestjs/common';

import { DEFAULT_CONNECTION_NAME } from '../connection/connection-settings.js';
import { ConfigurationError } from '../errors/index.js';
import type { JmsListenerEndpoint } from '../listener/jms-listener-endpoint.js';
import { type JmsListenerDefinition, JmsListenerExplorer } from '../listener/jms-listener.explorer.js';
import { listenerId, resolveEndpoint } from '../listener/jms-listener.resolver.js';
import { ConnectionRegistry } from './connection-registry.js';

/** A listener as it was found, and what became of its options. */
export interface ResolvedListener {
  readonly definition: JmsListenerDefinition;
  readonly endpoint: JmsListenerEndpoint;
}

/** The listeners of one application, resolved for all connections at once: what is wrong with one shows before anything connects. */
@Injectable()
export class ListenerEndpoints {
  #resolved: readonly ResolvedListener[] | undefined;

  /** @internal */
  constructor(
    private readonly connections: ConnectionRegistry,
    private readonly explorer: JmsListenerExplorer,
  ) {}

  /**
   * The listeners of one connection; to be asked for when all providers exist.
   *
   * @throws ConfigurationError for any listener of the application that is wrong
   */
  of(connection: string): readonly ResolvedListener[] {
    this.#resolved ??= this.#resolve();
    return this.#resolved.filter(({ endpoint }) => endpoint.connection === connection);
  }

  #resolve(): readonly ResolvedListener[] {
    const resolved = this.explorer.explore().map((definition) => ({ definition, endpoint: this.#endpoint(definition) }));
    const endpoints = resolved.map(({ endpoint }) => endpoint);
    assertUniqueIds(endpoints);
    for (const name of this.connections.names) this.#assertOverridesAreUsed(name, endpoints);
    return resolved;
  }

  #endpoint(definition: JmsListenerDefinition): JmsListenerEndpoint {
    const name = definition.options.connection ?? DEFAULT_CONNECTION_NAME;
    const settings = this.connections.listenerSettings(name);
    if (settings) return resolveEndpoint(definition, settings);
    const id = listenerId(definition, undefined);
    throw new ConfigurationError(
      `Listener '${id}' names the connection '${name}', which does not exist; the connections are ${this.connections.names.join(', ')}`,
    );
  }

  #assertOverridesAreUsed(connection: string, endpoints: readonly JmsListenerEndpoint[]): void {
    const ids = endpoints.filter((endpoint) => endpoint.connection === connection).map(({ id }) => id);
    const overrides = this.connections.listenerSettings(connection)?.overrides ?? {};
    const unused = Object.keys(overrides).find((id) => !ids.includes(id));
    if (unused === undefined) return;
    throw new ConfigurationError(
      `\`listeners\` has options for '${unused}', but no listener of this connection has that id; the listeners are ${ids.join(', ') || 'none'}`,
    );
  }
}

function assertUniqueIds(endpoints: readonly JmsListenerEndpoint[]): void {
  const methods = new Map<string, string>();
  for (const { id, methodName } of endpoints) {
    const other = methods.get(id);
    if (other !== undefined) {
      throw new ConfigurationError(
        `Two listeners have the id '${id}' (${other} and ${methodName}); give each an \`id\` of its own in @JmsListener({ id, destination }), and provide its class in one module only`,
      );
    }
    methods.set(id, methodName);
  }
}
