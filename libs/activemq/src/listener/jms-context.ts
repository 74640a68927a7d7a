import type { ArgumentsHost } from '@nestjs/common';

import type { JmsAcknowledgment } from '../delivery/jms-acknowledgment.js';
import { IllegalStateError } from '../errors/index.js';
import type { JmsMessage } from '../message/jms-message.js';

/** The context type that enhancers see around a listener's method: `context.getType() === 'jms'`. */
export const JMS_CONTEXT_TYPE = 'jms';

/** What an enhancer finds in a JMS context. */
export interface JmsArguments {
  /** Around a batch listener asking for it is an error: a guard must not judge a batch by one of its messages. */
  readonly message: JmsMessage;
  /** The messages of a batch; elsewhere the one message. */
  readonly messages: readonly JmsMessage[];
  readonly acknowledgment: JmsAcknowledgment;
}

/**
 * Whether an enhancer runs around a JMS listener: global ones meet HTTP requests and messages alike.
 *
 * @example if (isJmsContext(context)) return true;
 */
export function isJmsContext(host: ArgumentsHost): boolean {
  return host.getType<string>() === JMS_CONTEXT_TYPE;
}

/** The message around which an enhancer runs; ask {@link isJmsContext} first. */
export function getJmsArguments(host: ArgumentsHost): JmsArguments {
  const [subject, acknowledgment] = host.getArgs<[JmsMessage | readonly JmsMessage[], JmsAcknowledgment]>();
  const isBatch = Array.isArray(subject);
  return {
    get message(): JmsMessage {
      if (isBatch) throw new IllegalStateError('A batch listener has no single message here; use getJmsArguments(context).messages');
      return subject as JmsMessage;
    },
    messages: isBatch ? (subject as readonly JmsMessage[]) : [subject as JmsMessage],
    acknowledgment,
  };
}
