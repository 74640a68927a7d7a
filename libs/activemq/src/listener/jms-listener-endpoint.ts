import type { MessageConverter } from '../message/message-converter.js';
import type { BatchOptions } from './jms-listener-options.js';
import type { ReplyQosSettings } from './reply-sender.js';
import type { ReplyDestination } from './send-to.decorator.js';
import type { DurableSubscriber } from '../delivery/dead-letter/dead-letter-strategy.js';
import type { DeadLetterStrategyLookup } from '../delivery/dead-letter/dead-letter-strategy-map.js';
import type { ErrorHandlerOption } from '../delivery/error-handler.js';
import type { AckMode } from '../delivery/handler-run.js';
import type { RedeliveryPolicyLookup } from '../delivery/redelivery-policy-map.js';
import type { JmsDestination } from '../message/destination.js';

/** A listener with every option resolved and checked. Mirrors Spring's `MethodJmsListenerEndpoint`. */
export interface JmsListenerEndpoint {
  readonly id: string;
  /** `Class.method`, for the log. */
  readonly methodName: string;
  readonly connection: string;
  readonly destinations: readonly JmsDestination[];
  readonly selector?: string;
  readonly subscription?: string;
  /** The durable subscription with the connection's client id. */
  readonly subscriber?: DurableSubscriber;
  readonly concurrency: number;
  readonly prefetch: number;
  /** What was asked for; `undefined` when the prefetch follows from the concurrency. */
  readonly givenPrefetch?: number;
  readonly ackMode: AckMode;
  readonly exclusive: boolean;
  readonly priority: number;
  readonly autoStartup: boolean;
  /** Set for a batch listener. */
  readonly batch?: Required<BatchOptions>;
  /** Whether its handler takes payloads, so that what cannot be converted must not get there. */
  readonly takesPayloads: boolean;
  /** Whether it takes the payload because nothing says what else its parameter is meant to be. */
  readonly isPayloadGuessed?: boolean;
  /** Whether a parameter has a schema that no pipe asks. */
  readonly hasUnaskedSchema?: boolean;
  /** Names that `@Header()` asks for. */
  readonly headerNames?: readonly string[];
  /** Where results go for which the message names no place. */
  readonly sendTo?: ReplyDestination;
  readonly replyQosSettings: ReplyQosSettings;
  readonly errorReplies: boolean;
  /** Its own; `undefined` for the module's. */
  readonly messageConverter?: MessageConverter;
  readonly redelivery: RedeliveryPolicyLookup;
  readonly deadLetter: DeadLetterStrategyLookup;
  readonly errorHandler?: ErrorHandlerOption;
  /** Name of the application, for dead letters. */
  readonly application?: string;
}
