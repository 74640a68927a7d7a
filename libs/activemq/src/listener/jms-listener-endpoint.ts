import type { MessageConverter } from '../message/message-converter.js';
import type { JmsDestination } from '../message/destination.js';
import type { ResolvedRedeliveryPolicy } from '../delivery/redelivery-policy.js';
import type { AckMode } from './jms-listener-options.js';
import type { ReplyQosSettings } from './reply-sender.js';
import type { ReplyDestination } from './send-to.decorator.js';

/** A listener with every option resolved and checked. Mirrors Spring's `MethodJmsListenerEndpoint`. */
export interface JmsListenerEndpoint {
  readonly id: string;
  /** `Class.method`, for the log. */
  readonly methodName: string;
  readonly connection: string;
  readonly destinations: readonly JmsDestination[];
  readonly selector?: string;
  readonly subscription?: string;
  /** The connection's; durable subscriptions have one. */
  readonly clientId?: string;
  readonly concurrency: number;
  readonly prefetch: number;
  readonly ackMode: AckMode;
  readonly exclusive: boolean;
  readonly priority: number;
  readonly autoStartup: boolean;
  /** Where results go for which the message names no place. */
  readonly sendTo?: ReplyDestination;
  readonly replyQosSettings: ReplyQosSettings;
  readonly errorReplies: boolean;
  /** Its own; `undefined` for the module's. */
  readonly messageConverter?: MessageConverter;
  readonly redelivery: ResolvedRedeliveryPolicy;
}
