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
  readonly ackMode: AckMode;
  readonly exclusive: boolean;
  readonly priority: number;
  readonly autoStartup: boolean;
  readonly redelivery: RedeliveryPolicyLookup;
  readonly deadLetter: DeadLetterStrategyLookup;
  readonly errorHandler?: ErrorHandlerOption;
  /** Name of the application, for dead letters. */
  readonly application?: string;
}
