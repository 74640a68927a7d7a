import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { BrokerError, ConfigurationError, ConnectError } from '../errors/index.js';
import type { ErrorHandlers } from '../listener/error-handlers.js';
import type { JmsHandlerFactory } from '../listener/jms-handler.factory.js';
import { JmsListenerContainer } from '../listener/jms-listener-container.js';
import type { JmsListenerEndpoint } from '../listener/jms-listener-endpoint.js';
import type { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import { describeEndpoint } from '../listener/describe-endpoint.js';
import type { ActiveMqSettings } from './activemq-settings.js';
import type { ListenerEndpoints, ResolvedListener } from './listener-endpoints.js';
import type { ShutdownDeadline } from './shutdown-deadline.js';

/** What a {@link JmsListenerRegistrar} works with. */
export interface JmsListenerRegistrarParts {
  readonly settings: ActiveMqSettings;
  readonly connection: ActiveMqConnection;
  readonly endpoints: ListenerEndpoints;
  readonly handlers: JmsHandlerFactory;
  readonly errorHandlers: ErrorHandlers;
  readonly registry: JmsListenerEndpointRegistry;
  readonly shutdown: ShutdownDeadline;
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
    const { settings, registry, endpoints } = this.#parts;
    const logger = settings.loggerFor('JmsListenerEndpointRegistry');
    const containers = endpoints.of(settings.name).map((found) => ({ endpoint: found.endpoint, container: this.#container(found) }));
    for (const { container } of containers) registry.registerListenerContainer(container);
    const started = containers.filter(({ endpoint }) => endpoint.autoStartup);
    for (const { container, endpoint } of containers) {
      this.#containers.push(container);
      logger.log(describeEndpoint(endpoint));
      if (endpoint.autoStartup) container.start();
    }
    const scheduled = endpoints.of(settings.name).find(({ endpoint }) => usesScheduler(endpoint))?.endpoint;
    if (scheduled && settings.startup === 'background')
      void this.#assertScheduler(scheduled.id).catch(({ message }: Error) => logger.error(message));
    else if (scheduled) await this.#assertScheduler(scheduled.id);
    if (settings.startup !== 'background') await this.#untilSubscribed(started.map(({ container }) => container));
  }

  async onModuleDestroy(): Promise<void> {
    const { settings, shutdown } = this.#parts;
    const left = shutdown.left(settings.shutdownTimeout);
    await Promise.all(this.#containers.map((container) => container.stop(left)));
  }

  /** A broker without a scheduler would deliver the copies at once: told at the start, and later each message waits in this process instead. */
  async #assertScheduler(listenerId: string): Promise<void> {
    try {
      await this.#parts.connection.assertScheduler();
    } catch (cause) {
      if (!(cause instanceof ConfigurationError)) throw cause;
      const message = `Listener '${listenerId}': \`redelivery\` in \`mode: 'scheduled'\` does not work here. ${cause.message}`;
      throw new ConfigurationError(message, { cause });
    }
  }

  #container({ definition, endpoint }: ResolvedListener): JmsListenerContainer {
    const { settings, connection, handlers, errorHandlers, registry } = this.#parts;
    return new JmsListenerContainer({
      endpoint,
      connection,
      converter: settings.converter,
      handler: handlers.create(definition),
      errorHandler: errorHandlers.resolve(endpoint.id, endpoint.errorHandler),
      logger: settings.loggerFor('JmsListenerContainer'),
      timers: settings.timers,
      onOutcome: (outcome) => registry.report(outcome),
    });
  }

  async #untilSubscribed(containers: readonly JmsListenerContainer[]): Promise<void> {
    const { connection } = this.#parts;
    const givenUp = new AbortController();
    const remove = connection.on('failed', ({ reason }) => givenUp.abort(reason));
    try {
      // All at once: one that is refused while another is awaited would be heard of only at its next try.
      await Promise.all(containers.map((container) => this.#subscribed(container, givenUp.signal)));
    } finally {
      remove();
    }
  }

  async #subscribed(container: JmsListenerContainer, signal: AbortSignal): Promise<void> {
    try {
      await container.whenSubscribed(signal);
    } catch (cause) {
      const message = `Listener '${container.id}' could not subscribe to ${container.destination}: ${(cause as Error).message}`;
      // Refused by a broker that answers: the listener is wrong. Anything else: there is no broker.
      throw cause instanceof BrokerError ? new ConfigurationError(message, { cause }) : new ConnectError(message, { cause });
    }
  }
}

function usesScheduler({ destinations, redelivery }: JmsListenerEndpoint): boolean {
  return destinations.some((destination) => redelivery(destination).mode === 'scheduled');
}
