import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { ConfigurationError } from '../errors/index.js';
import type { JmsHandlerFactory } from '../listener/jms-handler.factory.js';
import { JmsListenerContainer } from '../listener/jms-listener-container.js';
import type { JmsListenerEndpoint } from '../listener/jms-listener-endpoint.js';
import type { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import type { JmsListenerDefinition, JmsListenerExplorer } from '../listener/jms-listener.explorer.js';
import { describeEndpoint } from '../listener/describe-endpoint.js';
import { listenerId, resolveEndpoint } from '../listener/jms-listener.resolver.js';
import type { ActiveMqSettings } from './activemq-settings.js';
import type { ConnectionRegistry } from './connection-registry.js';
import { DEFAULT_CONNECTION_NAME } from './tokens.js';

/** What a {@link JmsListenerRegistrar} works with. */
export interface JmsListenerRegistrarParts {
  readonly settings: ActiveMqSettings;
  readonly connection: ActiveMqConnection;
  readonly connections: ConnectionRegistry;
  readonly explorer: JmsListenerExplorer;
  readonly handlers: JmsHandlerFactory;
  readonly registry: JmsListenerEndpointRegistry;
}

/**
 * Starts the listeners of one connection when the application has booted, and drains them before anything they may use is shut down.
 *
 * It lives in a module that is not global: Nest destroys those before every global one, such as a database's.
 */
export class JmsListenerRegistrar implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #parts: JmsListenerRegistrarParts;
  readonly #containers: JmsListenerContainer[] = [];

  constructor(parts: JmsListenerRegistrarParts) {
    this.#parts = parts;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { settings, registry } = this.#parts;
    const logger = settings.loggerFor('JmsListenerEndpointRegistry');
    const found = this.#definitions().map((definition) => ({ definition, endpoint: resolveEndpoint(definition, settings.listeners) }));
    this.#assertOverridesAreUsed(found.map(({ endpoint }) => endpoint));
    const containers = found.map(({ definition, endpoint }) => ({ endpoint, container: this.#container(definition, endpoint) }));
    for (const { container } of containers) registry.registerListenerContainer(container);
    const started = containers.filter(({ endpoint }) => endpoint.autoStartup);
    for (const { container, endpoint } of containers) {
      this.#containers.push(container);
      logger.log(describeEndpoint(endpoint));
      if (endpoint.autoStartup) container.start();
    }
    if (settings.startup !== 'background') await this.#untilSubscribed(started.map(({ container }) => container));
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.#containers.map((container) => container.stop(this.#parts.settings.shutdownTimeout)));
  }

  /** The listeners of this connection; one of a connection that does not exist is nobody's, hence an error for all. */
  #definitions(): readonly JmsListenerDefinition[] {
    const { settings, connections, explorer } = this.#parts;
    const all = explorer.explore();
    for (const definition of all) {
      const name = definition.options.connection ?? DEFAULT_CONNECTION_NAME;
      if (connections.names.includes(name)) continue;
      const id = listenerId(definition, settings.listeners.placeholders);
      throw new ConfigurationError(
        `Listener '${id}' names the connection '${name}', which does not exist; the connections are ${connections.names.join(', ')}`,
      );
    }
    return all.filter(({ options }) => (options.connection ?? DEFAULT_CONNECTION_NAME) === settings.name);
  }

  #assertOverridesAreUsed(endpoints: readonly JmsListenerEndpoint[]): void {
    const { overrides } = this.#parts.settings.listeners;
    const ids = endpoints.map(({ id }) => id);
    const unused = Object.keys(overrides).find((id) => !ids.includes(id));
    if (unused === undefined) return;
    throw new ConfigurationError(
      `\`listeners\` has options for '${unused}', but no listener of this connection has that id; the listeners are ${ids.join(', ') || 'none'}`,
    );
  }

  #container(definition: JmsListenerDefinition, endpoint: JmsListenerEndpoint): JmsListenerContainer {
    const { settings, connection, handlers } = this.#parts;
    return new JmsListenerContainer({
      endpoint,
      connection,
      converter: settings.converter,
      handler: handlers.create(definition),
      logger: settings.loggerFor('JmsListenerContainer'),
    });
  }

  async #untilSubscribed(containers: readonly JmsListenerContainer[]): Promise<void> {
    for (const container of containers) {
      try {
        await container.whenSubscribed();
      } catch (cause) {
        throw new ConfigurationError(
          `Listener '${container.id}' could not subscribe to ${container.destination}: ${(cause as Error).message}`,
          { cause },
        );
      }
    }
  }
}
