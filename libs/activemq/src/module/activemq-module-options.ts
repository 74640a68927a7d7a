import type { LoggerService, ModuleMetadata, Type } from '@nestjs/common';
import type tls from 'node:tls';

import type { Password } from '../connection/connection-settings.js';
import type { DeadLetterStrategy } from '../delivery/dead-letter/dead-letter-strategy.js';
import type { DeadLetterStrategyMap } from '../delivery/dead-letter/dead-letter-strategy-map.js';
import type { IdempotencyModuleOptions } from '../idempotency/idempotency-options.js';
import type { DeliveryTimers } from '../delivery/delivery-timers.js';
import type { RedeliveryPolicy } from '../delivery/redelivery-policy.js';
import type { RedeliveryPolicyMap } from '../delivery/redelivery-policy-map.js';
import type { JmsListenerOptions, ListenerDefaults } from '../listener/jms-listener-options.js';
import type { MessageConverter } from '../message/message-converter.js';
import type { TemplateDefaults } from '../template/template-defaults.js';
import type { VmBroker } from './vm-brokers.js';

/**
 * Options of one connection and what uses it. Everything is checked at start-up; an unknown option is an error.
 *
 * @see https://docs.spring.io/spring-boot/reference/messaging/jms.html
 */
export interface ActiveMqModuleOptions {
  /** Name of the connection; only the second, third ... one needs it. Default `default`. */
  readonly name?: string;
  /**
   * Where the brokers are, in ActiveMQ's grammar: `failover:(stomp://a:61613,stomp+ssl://b:61614)?randomize=false`, `stomp://..`, `tcp://..`.
   * The port is that of a STOMP connector. Default `failover:(stomp://localhost:61613)`.
   */
  readonly brokerUrl?: string;
  /**
   * Answers `vm://name` in `brokerUrl`: an `EmbeddedBroker` or `EmbeddedCluster` of yours, which is not stopped with the application. Default one
   * broker for each name, of this application alone, started at the first connection.
   */
  readonly embeddedBroker?: VmBroker;
  /** Login name; one in the URL wins. */
  readonly user?: string;
  /** Password, or a function asked at each connect. */
  readonly password?: Password;
  /** JMS client id, for durable subscriptions; one application at a time can be connected under it. */
  readonly clientId?: string;
  /** Passed on to `tls.connect` for the secure schemes. */
  readonly tls?: tls.ConnectionOptions;
  /** ms between signs of life, ours and the broker's; default 10 000 both ways, 0 switches one off. */
  readonly heartbeat?: { readonly outgoing: number; readonly incoming: number };
  /**
   * While no broker answers: `background` (default) lets the application start, as Spring's containers do; `wait` holds the start until a broker
   * answers and the listeners are subscribed; `fail` tries every broker once and lets the start fail.
   */
  readonly startup?: 'background' | 'wait' | 'fail';
  /** ms for one broker to accept a connection and answer CONNECT; default 10 000. */
  readonly connectTimeout?: number;
  /** ms to wait for the broker's receipts other than those of sends; default 15 000. */
  readonly receiptTimeout?: number;
  /** ms between attempts to subscribe when the broker refuses; default 5 000, as Spring's `recoveryInterval`. */
  readonly recoveryInterval?: number;
  /**
   * Messages, and bytes of bodies, that may be sent to one destination and not yet confirmed; further sends to it wait. Default 256 and 64 MiB.
   * Each destination has a window of its own: a full queue, for which ActiveMQ withholds its receipts, holds up no other.
   */
  readonly sendWindow?: { readonly messages?: number; readonly bytes?: number };
  /** ms for running handlers and pending sends to finish at shutdown; default 30 000. */
  readonly shutdownTimeout?: number;
  /** Whether bare destination names are topics; default `false`. */
  readonly pubSubDomain?: boolean;
  /** What holds for every listener of this connection that says nothing else. */
  readonly listener?: ListenerDefaults;
  /** Options of single listeners, by their id; they win over those in the decorator. */
  readonly listeners?: Readonly<Record<string, Partial<JmsListenerOptions>>>;
  /** What holds for every send that says nothing else. */
  readonly template?: TemplateDefaults;
  /** What happens when a handler fails; ActiveMQ's defaults: 6 redeliveries, 1 s apart. */
  readonly redelivery?: RedeliveryPolicy | RedeliveryPolicyMap;
  /** What becomes of messages that are not going to be handled; default a `SharedDeadLetterStrategy`: they go to `ActiveMQ.DLQ`. */
  readonly deadLetter?: DeadLetterStrategy | DeadLetterStrategyMap;
  /** Name of the application; it stands in its dead letters. */
  readonly application?: string;
  /** The store of the listeners decorated with `@Idempotent()` of `nestjs-activemq/idempotency`, and what holds for all of them. */
  readonly idempotency?: IdempotencyModuleOptions;
  /** Turns payloads into messages and back; default text, bytes and JSON. */
  readonly messageConverter?: MessageConverter;
  /** Resolves `${key}` in decorators, e.g. `(key) => config.get(key)`. */
  readonly placeholders?: (key: string) => string | undefined;
  /** What redelivery delays are waited with, for tests; default the computer's timers. */
  readonly timers?: DeliveryTimers;
  /** Takes the log lines; default Nest's `Logger`. */
  readonly logger?: LoggerService;
}

/** Makes {@link ActiveMqModuleOptions}; for `useClass` and `useExisting`. */
export interface ActiveMqOptionsFactory {
  /** The options, or a promise of them; asked once, before anything connects. */
  createActiveMqOptions(): ActiveMqModuleOptions | Promise<ActiveMqModuleOptions>;
}

/** How {@link ActiveMqModule.forRootAsync} gets its options: one of `useFactory`, `useClass`, `useExisting`. */
export interface ActiveMqModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Name of the connection: it must be known before the options are, so it stands here and not in them. */
  readonly name?: string;
  /** Tokens of what `useFactory` takes, in its order; `imports` must export them, unless they are global. */
  readonly inject?: readonly unknown[];
  /** Makes the options, or a promise of them. */
  readonly useFactory?: (...dependencies: never[]) => ActiveMqModuleOptions | Promise<ActiveMqModuleOptions>;
  /** A class that makes them, provided for this alone; `imports` must export its dependencies. */
  readonly useClass?: Type<ActiveMqOptionsFactory>;
  /** A provider that makes them, exported by one of `imports`. */
  readonly useExisting?: Type<ActiveMqOptionsFactory>;
}

/** Every option name, for the check that refuses unknown ones. */
export const ACTIVEMQ_MODULE_OPTION_NAMES = [
  'name',
  'brokerUrl',
  'embeddedBroker',
  'user',
  'password',
  'clientId',
  'tls',
  'heartbeat',
  'startup',
  'connectTimeout',
  'receiptTimeout',
  'recoveryInterval',
  'sendWindow',
  'shutdownTimeout',
  'pubSubDomain',
  'listener',
  'listeners',
  'template',
  'redelivery',
  'deadLetter',
  'application',
  'idempotency',
  'messageConverter',
  'placeholders',
  'timers',
  'logger',
] as const satisfies readonly (keyof ActiveMqModuleOptions)[];
