import type { MessageConverter } from '../message/message-converter.js';
import type { ReplyQosSettings } from './reply-sender.js';
import type { ReplyDestination } from './send-to.decorator.js';
import type { DeadLetterStrategy } from '../delivery/dead-letter/dead-letter-strategy.js';
import type { DeadLetterStrategyMap } from '../delivery/dead-letter/dead-letter-strategy-map.js';
import type { ErrorHandlerOption } from '../delivery/error-handler.js';
import type { AckMode } from '../delivery/handler-run.js';
import type { RedeliveryPolicy } from '../delivery/redelivery-policy.js';
import type { RedeliveryPolicyMap } from '../delivery/redelivery-policy-map.js';

/** Options that a listener has of its own, and that a module can set for all. */
export interface ListenerDefaults {
  /**
   * Messages handled at the same time: `n`, or Spring's `'lower-upper'`, of which the upper one counts because idle slots cost nothing.
   * Default 1, which keeps the order of the queue.
   */
  readonly concurrency?: number | string;
  /** Messages the broker sends ahead at most; default 10 for each of the concurrent ones, 100 at most. At least `concurrency`. */
  readonly prefetch?: number;
  /**
   * `auto` (default) acknowledges after the handler succeeded and redelivers when it failed; `manual` leaves it to the handler's
   * {@link JmsAcknowledgment}; `transacted` commits the acknowledgement together with what the handler sent through the connection's template, all
   * or nothing.
   */
  readonly ackMode?: AckMode;
  /** Whether the listener starts with the application; default `true`. */
  readonly autoStartup?: boolean;
  /** What happens when the handler fails; what a policy leaves open comes from the module, a map is complete. */
  readonly redelivery?: RedeliveryPolicy | RedeliveryPolicyMap;
  /** How replies are sent; default persistent, without an end, and to temporary queues never persistent. */
  readonly replyQosSettings?: ReplyQosSettings;
  /** Whether a request that is dead-lettered is answered with the error's class and message; default `false`, they may tell too much. */
  readonly errorReplies?: boolean;
  /** What becomes of a message that is not going to be handled; default the module's. */
  readonly deadLetter?: DeadLetterStrategy | DeadLetterStrategyMap;
  /** Asked about each failed attempt: a function, an object or the class of a provider. */
  readonly errorHandler?: ErrorHandlerOption;
}

/** How a batch listener gathers messages. */
export interface BatchOptions {
  /** Messages that the handler gets at once at most, 1 to 10 000; ActiveMQ sends no more than 200 ahead unless `maxPageSize` says so. */
  readonly size: number;
  /** ms after the first message until the handler gets what has come; default 100. */
  readonly timeout?: number;
}

/**
 * Options of {@link JmsListener}; texts may hold placeholders, `${orders.queue}` or `${orders.queue:orders}` with a default.
 *
 * @see https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/jms/annotation/JmsListener.html
 */
export interface JmsListenerOptions extends ListenerDefaults {
  /** Where to listen: `orders`, `queue://orders`, `topic://prices`, composites and wildcards as in ActiveMQ. */
  readonly destination: string;
  /** Name of the listener in the registry, the log and the module's `listeners`; default `Class.method`. */
  readonly id?: string;
  /** JMS selector: only messages it matches are delivered. */
  readonly selector?: string;
  /** Name of a durable subscription; needs a topic and the connection's `clientId`. */
  readonly subscription?: string;
  /** Whether this consumer alone gets the queue's messages while it lives; default `false`. */
  readonly exclusive?: boolean;
  /** Consumer priority, 0 to 127: the broker prefers higher ones; default 0. */
  readonly priority?: number;
  /**
   * Makes it a batch listener: payloads, messages and headers come in arrays. A failure is one of all messages, unless the handler throws
   * {@link BatchListenerFailedError} or returns `Promise.allSettled(...)`.
   */
  readonly batch?: BatchOptions;
  /** What `@SendTo` says: where results go for which the message names no place. It wins over the decorator. */
  readonly sendTo?: ReplyDestination;
  /** Reads this listener's messages and writes its replies; default the module's. */
  readonly messageConverter?: MessageConverter;
  /** Name of the connection to listen on; default the one without a name. */
  readonly connection?: string;
}

/** Every option name, for the check that refuses unknown ones. */
export const LISTENER_DEFAULT_NAMES = [
  'concurrency',
  'prefetch',
  'ackMode',
  'autoStartup',
  'redelivery',
  'replyQosSettings',
  'errorReplies',
  'deadLetter',
  'errorHandler',
] as const;

/** Every option name, for the check that refuses unknown ones. */
export const JMS_LISTENER_OPTION_NAMES = [
  'destination',
  'id',
  'selector',
  'subscription',
  'exclusive',
  'priority',
  'batch',
  'sendTo',
  'messageConverter',
  'connection',
  ...LISTENER_DEFAULT_NAMES,
] as const;
