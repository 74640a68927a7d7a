import type { ArgumentsHost } from '@nestjs/common';

import type { JmsAcknowledgment } from '../delivery/jms-acknowledgment.js';
import type { JmsMessage } from '../message/jms-message.js';

/** The context type that enhancers see around a listener's method: `context.getType() === 'jms'`. */
export const JMS_CONTEXT_TYPE = 'jms';

/** What an enhancer finds in a JMS context. */
export interface JmsArguments {
  readonly message: JmsMessage;
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
  const [message, acknowledgment] = host.getArgs<[JmsMessage, JmsAcknowledgment]>();
  return { message, acknowledgment };
}
