import type { ParamsFactory } from '@nestjs/core';

import type { JmsAcknowledgment } from '../delivery/jms-acknowledgment.js';
import type { JmsMessage } from '../message/jms-message.js';
import { HANDLER_PARAMETER } from './handler-parameters.js';

/** Takes a handler's parameters from its message, or in arrays from those of a batch; the payload is converted here, inside the reach of the exception filters. */
export class HandlerParametersFactory implements ParamsFactory {
  /** The value for one parameter. */
  exchangeKeyForValue(kind: number, data: unknown, args: readonly unknown[]): unknown {
    const [subject, acknowledgment] = args as readonly [JmsMessage | readonly JmsMessage[], JmsAcknowledgment];
    if (!Array.isArray(subject)) return valueOf(kind, data, subject as JmsMessage, acknowledgment);
    return (subject as readonly JmsMessage[]).map((message) => valueOf(kind, data, message, undefined));
  }
}

function valueOf(kind: number, data: unknown, message: JmsMessage, acknowledgment: JmsAcknowledgment | undefined): unknown {
  switch (kind) {
    case HANDLER_PARAMETER.PAYLOAD:
      return typeof data === 'string' ? ownProperty(message.payload, data) : message.payload;
    case HANDLER_PARAMETER.HEADER:
      return message.headers[String(data)];
    case HANDLER_PARAMETER.HEADERS:
      return message.headers;
    case HANDLER_PARAMETER.MESSAGE:
      return message;
    case HANDLER_PARAMETER.ACKNOWLEDGMENT:
      return acknowledgment;
    default:
      return undefined;
  }
}

/** Inherited ones, such as `constructor`, are not the sender's to name. */
function ownProperty(payload: unknown, name: string): unknown {
  return typeof payload === 'object' && payload !== null && Object.hasOwn(payload, name)
    ? (payload as Record<string, unknown>)[name]
    : undefined;
}
