import { Logger, type LoggerService } from '@nestjs/common';
import type { ConnectionLogger, ConnectionSettings } from '../connection/connection-settings.js';
import type { DeliveryTimers } from '../delivery/delivery-timers.js';
import { SharedDeadLetterStrategy } from '../delivery/dead-letter/shared-dead-letter-strategy.js';
import { deadLetterStrategyLookup } from '../delivery/dead-letter/dead-letter-strategy-map.js';
import { redeliveryPolicyLookup } from '../delivery/redelivery-policy-map.js';
import { ConfigurationError } from '../errors/index.js';
import { assertListenerDefaults, type ListenerSettings } from '../listener/jms-listener.resolver.js';
import { DefaultMessageConverter } from '../message/default-message-converter.js';
import type { MessageConverter } from '../message/message-converter.js';
import type { FailoverUri } from '../stomp/failover-uri.js';
import { type ResolvedTemplateDefaults, resolveTemplateDefaults } from '../template/template-defaults.js';
import {
  assertBoolean,
  assertFunction,
  assertInteger,
  assertKnownOptions,
  assertMethods,
  assertObject,
  assertOneOf,
  assertRecord,
  assertText,
} from '../validation/index.js';
import { ACTIVEMQ_MODULE_OPTION_NAMES, type ActiveMqModuleOptions } from './activemq-module-options.js';
import { readBrokerUrl } from './broker-url.js';
import type { VmBrokers } from './vm-brokers.js';

/** The options of one connection, checked and complete. */
export interface ActiveMqSettings {
  readonly name: string;
  /** Names the module's options in errors. */
  readonly where: string;
  readonly startup: 'background' | 'wait' | 'fail';
  readonly shutdownTimeout: number;
  readonly connection: ConnectionSettings;
  readonly listeners: ListenerSettings;
  readonly template: ResolvedTemplateDefaults;
  readonly converter: MessageConverter;
  /** As it was given: the room whose it is checks it, when a listener uses it. */
  readonly idempotency: unknown;
  readonly timers: DeliveryTimers | undefined;
  readonly loggerFor: (context: string) => ConnectionLogger;
}

const DEFAULT_BROKER_URL = 'failover:(stomp://localhost:61613)';
const LONGEST = 2_147_483_647;

/**
 * Checks the options of one connection and fills in the defaults.
 *
 * @throws ConfigurationError naming the option and the cure
 */
export function resolveActiveMqSettings(name: string, options: ActiveMqModuleOptions, vmBrokers: VmBrokers): ActiveMqSettings {
  const where = name === 'default' ? 'ActiveMqModule.forRoot()' : `ActiveMqModule.forRoot() of connection '${name}'`;
  assertKnownOptions(where, options, ACTIVEMQ_MODULE_OPTION_NAMES);
  if (options.name !== undefined && options.name !== name) {
    throw new ConfigurationError(
      `${where}: the options say the name is '${options.name}'; with forRootAsync the name stands beside useFactory`,
    );
  }
  const { startup = 'background', pubSubDomain = false, heartbeat = { outgoing: 10_000, incoming: 10_000 } } = options;
  assertOneOf(where, 'startup', startup, ['background', 'wait', 'fail']);
  assertBoolean(where, 'pubSubDomain', pubSubDomain);
  assertKnownOptions(`\`heartbeat\` of ${where}`, heartbeat, ['outgoing', 'incoming']);
  if (!Array.isArray(options.brokerUrl) && options.brokerUrl !== undefined) assertText(where, 'brokerUrl', options.brokerUrl);
  for (const name of ['name', 'user', 'clientId', 'application'] as const)
    if (options[name] !== undefined) assertText(where, name, options[name]);
  assertPassword(where, options.password);
  if (options.tls !== undefined) assertObject(where, 'tls', options.tls);
  if (options.listeners !== undefined) assertRecord(where, 'listeners', options.listeners);
  if (options.idempotency !== undefined) assertIdempotency(where, options.idempotency);
  if (options.placeholders !== undefined) assertFunction(where, 'placeholders', options.placeholders);
  assertMethods(where, 'messageConverter', options.messageConverter, ['toMessage', 'fromMessage']);
  assertMethods(where, 'logger', options.logger, ['log', 'warn', 'error']);
  assertMethods(where, 'timers', options.timers, ['setTimeout', 'clearTimeout']);
  assertMethods(where, 'embeddedBroker', options.embeddedBroker, ['connect']);
  const ms = (option: string, value: number | undefined, fallback: number, min = 1) => milliseconds(where, option, value ?? fallback, min);
  const { redelivery = {}, deadLetter = new SharedDeadLetterStrategy() } = options;
  redeliveryPolicyLookup(`\`redelivery\` of ${where}`, redelivery);
  const deadLetterFor = deadLetterStrategyLookup(`\`deadLetter\` of ${where}`, deadLetter);
  assertListenerDefaults(`\`listener\` of ${where}`, options.listener ?? {});
  const loggerFor = loggerFactory(options.logger);
  return {
    name,
    where,
    startup,
    shutdownTimeout: ms('shutdownTimeout', options.shutdownTimeout, 30_000, 0),
    connection: {
      name,
      failover: failoverFor(readBrokerUrl(where, options.brokerUrl ?? DEFAULT_BROKER_URL), startup),
      user: options.user,
      password: options.password,
      clientId: options.clientId,
      tls: options.tls,
      heartBeat: {
        outgoing: ms('heartbeat.outgoing', heartbeat.outgoing, 10_000, 0),
        incoming: ms('heartbeat.incoming', heartbeat.incoming, 10_000, 0),
      },
      connectTimeout: ms('connectTimeout', options.connectTimeout, 10_000),
      receiptTimeout: ms('receiptTimeout', options.receiptTimeout, 15_000),
      recoveryInterval: ms('recoveryInterval', options.recoveryInterval, 5_000),
      sendWindow: resolveSendWindow(where, options.sendWindow ?? {}),
      openVmTransport: (uri) => vmBrokers.connect(uri, options.embeddedBroker, (line) => loggerFor('EmbeddedBroker').warn(line)),
      logger: loggerFor(name === 'default' ? 'ActiveMqConnection' : `ActiveMqConnection(${name})`),
    },
    listeners: {
      connection: name,
      clientId: options.clientId,
      pubSubDomain,
      defaults: options.listener ?? {},
      overrides: options.listeners ?? {},
      redelivery,
      deadLetter,
      application: options.application,
      placeholders: options.placeholders,
    },
    template: { ...resolveTemplateDefaults(`\`template\` of ${where}`, options.template ?? {}, pubSubDomain), deadLetter: deadLetterFor },
    converter: options.messageConverter ?? new DefaultMessageConverter(),
    idempotency: options.idempotency,
    timers: options.timers,
    loggerFor,
  };
}

/** `fail` tries every broker once: one round, unless the URL asks for more. */
function failoverFor(failover: FailoverUri, startup: ActiveMqSettings['startup']): FailoverUri {
  if (startup !== 'fail' || failover.options.startupMaxReconnectAttempts >= 0) return failover;
  return { ...failover, options: { ...failover.options, startupMaxReconnectAttempts: 1 } };
}

function resolveSendWindow(where: string, given: NonNullable<ActiveMqModuleOptions['sendWindow']>): { messages: number; bytes: number } {
  assertKnownOptions(`\`sendWindow\` of ${where}`, given, ['messages', 'bytes']);
  const { messages = 256, bytes = 64 * 1024 * 1024 } = given;
  assertInteger(where, 'sendWindow.messages', messages, { min: 1 });
  assertInteger(where, 'sendWindow.bytes', bytes, { min: 1 });
  return { messages, bytes };
}

function assertIdempotency(where: string, idempotency: object): void {
  assertObject(where, 'idempotency', idempotency);
  if ('store' in idempotency || !('claim' in idempotency && typeof idempotency.claim === 'function')) return;
  throw new ConfigurationError(`${where}: \`idempotency\` is a store; write \`idempotency: { store: ... }\` with it`);
}

/** Its value stands in no error. */
function assertPassword(where: string, password: unknown): void {
  if (password === undefined || typeof password === 'string' || typeof password === 'function') return;
  throw new ConfigurationError(`${where}: \`password\` must be a text, or a function that returns one`);
}

function milliseconds(where: string, name: string, value: unknown, min: number): number {
  assertInteger(where, name, value, { min, max: LONGEST });
  return value;
}

function loggerFactory(given: LoggerService | undefined): (context: string) => ConnectionLogger {
  return (context) => {
    if (!given) return new Logger(context);
    return {
      debug: (message) => given.debug?.(message, context),
      log: (message) => given.log(message, context),
      warn: (message) => given.warn(message, context),
      error: (message, stack) => given.error(message, stack, context),
    };
  };
}
