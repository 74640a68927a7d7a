import { setMaxListeners } from 'node:events';

import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { AttemptGate } from '../delivery/attempt-gate.js';
import type { MessageHandler } from '../delivery/handler-run.js';
import { BrokerError, ConfigurationError, ConnectError, IllegalStateError } from '../errors/index.js';
import type { ErrorHandlers } from '../listener/error-handlers.js';
import type { JmsHandlerFactory } from '../listener/jms-handler.factory.js';
import { JmsListenerContainer } from '../listener/jms-listener-container.js';
import type { JmsListenerEndpointRegistry, ListenerRegistrar } from '../listener/jms-listener-endpoint-registry.js';
import { resolveEndpoint } from '../listener/jms-listener.resolver.js';
import {
  type JmsListenerFunction,
  programmaticHandler,
  programmaticSource,
  type RegisteredListenerOptions,
} from '../listener/programmatic-listener.js';
import { ReplySender } from '../listener/reply-sender.js';
import { JmsMessagingTemplate } from '../template/jms-messaging.template.js';
import type { SentMessages } from '../template/sent-messages.js';
import { describeEndpoint } from '../listener/describe-endpoint.js';
import type { JmsListenerEndpoint } from '../listener/jms-listener-endpoint.js';
import type { MessageConverter } from '../message/message-converter.js';
import { startWarnings } from '../listener/start-warnings.js';
import type { ActiveMqSettings } from './activemq-settings.js';
import type { ConnectionGates } from './connection-gates.js';
import type { ListenerEndpoints } from './listener-endpoints.js';
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
  readonly gates: ConnectionGates;
  /** Where replies are reported. */
  readonly sent: SentMessages;
}

/**
 * Starts the listeners of one connection when the application has booted, and drains them before anything they may use is shut down.
 *
 * It lives in a module that is not global: Nest destroys those before every global one, such as a database's.
 */
export class JmsListenerRegistrar implements OnApplicationBootstrap, OnModuleDestroy, ListenerRegistrar {
  readonly #parts: JmsListenerRegistrarParts;
  /** With their endpoints, in the order they are announced. */
  readonly #containers = new Map<JmsListenerContainer, JmsListenerEndpoint>();
  readonly #detach: () => void;
  #state: 'new' | 'started' | 'ended' = 'new';

  constructor(parts: JmsListenerRegistrarParts) {
    this.#parts = parts;
    this.#detach = parts.registry.attach(parts.settings.name, this);
  }

  register(options: RegisteredListenerOptions, handler: JmsListenerFunction): JmsListenerContainer {
    const { settings } = this.#parts;
    if (this.#state === 'ended') throw new IllegalStateError(`Listener '${options.id}' cannot be registered: the application shuts down`);
    const endpoint = resolveEndpoint(programmaticSource(options, handler), settings.listeners);
    const container = this.#add(endpoint, programmaticHandler(handler));
    if (this.#state === 'started') {
      this.#start(container, endpoint);
      if (usesScheduler(endpoint)) this.#askForScheduler(endpoint.id);
    }
    return container;
  }

  forget(container: JmsListenerContainer): void {
    this.#containers.delete(container);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { settings, endpoints, handlers, gates } = this.#parts;
    await gates.start();
    for (const { definition, endpoint } of endpoints.of(settings.name)) {
      const hasUnaskedSchema = handlers.hasUnaskedSchema(definition);
      this.#add({ ...endpoint, hasUnaskedSchema }, handlers.create(definition), gates.gateOf(endpoint.id));
    }
    this.#state = 'started';
    const started = [...this.#containers].filter(([container, endpoint]) => this.#start(container, endpoint));
    const scheduled = [...this.#containers.values()].find(usesScheduler);
    if (scheduled && settings.startup === 'background') this.#askForScheduler(scheduled.id);
    else if (scheduled) await this.#assertScheduler(scheduled.id);
    if (settings.startup !== 'background') await this.#untilSubscribed(started.map(([container]) => container));
  }

  async onModuleDestroy(): Promise<void> {
    const { settings, shutdown } = this.#parts;
    this.#state = 'ended';
    this.#detach();
    const left = shutdown.left(settings.shutdownTimeout);
    await Promise.all([...this.#containers.keys()].map((container) => container.stop(left)));
  }

  /** As {@link #assertScheduler}, with a line in the log: nobody waits for the answer. */
  #askForScheduler(listenerId: string): void {
    const logger = this.#parts.settings.loggerFor('JmsListenerEndpointRegistry');
    void this.#assertScheduler(listenerId).catch(({ message }: Error) => logger.error(message));
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

  /** @param gate of a decorated listener; a function has none, whatever listener had its id before */
  #add(endpoint: JmsListenerEndpoint, handler: MessageHandler, gate?: AttemptGate): JmsListenerContainer {
    const { settings, connection, errorHandlers, registry } = this.#parts;
    registry.assertFree(endpoint.id);
    const converter = endpoint.messageConverter ?? settings.converter;
    const replies = this.#replies(endpoint, converter);
    const container = new JmsListenerContainer({
      endpoint,
      connection,
      converter,
      handler,
      errorHandler: errorHandlers.resolve(endpoint.id, endpoint.errorHandler),
      gate,
      reply: (message, result) => replies.reply(message, result),
      logger: settings.loggerFor('JmsListenerContainer'),
      shutdownTimeout: settings.shutdownTimeout,
      timers: settings.timers,
      onOutcome: (outcome) => {
        registry.report(outcome);
        if (outcome.kind === 'dead-lettered') void replies.replyError(outcome.message, outcome.error ?? new Error(outcome.reason));
      },
    });
    registry.registerListenerContainer(container);
    this.#containers.set(container, endpoint);
    return container;
  }

  /** Announces a listener, and starts it when it starts by itself. */
  #start(container: JmsListenerContainer, endpoint: JmsListenerEndpoint): boolean {
    const logger = this.#parts.settings.loggerFor('JmsListenerEndpointRegistry');
    logger.log(describeEndpoint(endpoint));
    for (const warning of startWarnings(endpoint)) logger.warn(warning);
    if (endpoint.autoStartup) container.start();
    return endpoint.autoStartup;
  }

  /** The defaults of the module's template are for the application's own sends. */
  #replies(endpoint: JmsListenerEndpoint, converter: MessageConverter): ReplySender {
    const { settings, connection, sent } = this.#parts;
    const { sendTimeout, pubSubDomain, receiving } = settings.template;
    return new ReplySender({
      listenerId: endpoint.id,
      template: new JmsMessagingTemplate(connection, converter, { sendTimeout, pubSubDomain, receiving }, sent),
      outsideTransaction: (work) => connection.runInTransaction(undefined, work),
      sendTo: endpoint.sendTo,
      qos: endpoint.replyQosSettings,
      errorReplies: endpoint.errorReplies,
      logger: settings.loggerFor('JmsListenerContainer'),
    });
  }

  async #untilSubscribed(containers: readonly JmsListenerContainer[]): Promise<void> {
    const { connection } = this.#parts;
    const givenUp = new AbortController();
    // One for each listener of the application.
    setMaxListeners(0, givenUp.signal);
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
