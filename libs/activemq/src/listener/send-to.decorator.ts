import type { JmsMessage } from '../message/jms-message.js';

const SEND_TO_METADATA = 'nestjs-activemq:send-to';

/** Where a result goes: a destination, or a function of the message and the result; `undefined` is no reply. */
export type ReplyDestination = string | ((message: JmsMessage, result: unknown) => string | undefined);

/**
 * Sends what a listener's method returns to a destination, unless the message itself names one in `reply-to`. On a class it holds for every
 * listener of it that has none of its own. Mirrors Spring's `@SendTo`.
 *
 * The reply is confirmed by the broker before the message is acknowledged; it has the message's correlation id, or else its message id.
 * `undefined` is no reply.
 *
 * @param destination may hold placeholders; a function is called with the message and the result
 * @example
 * ```ts
 * @JmsListener('orders')
 * @SendTo('receipts')
 * onOrder(order: Order): Receipt { ... }
 * ```
 */
export function SendTo(destination: ReplyDestination): ClassDecorator & MethodDecorator {
  return (target: object, _methodName?: string | symbol, descriptor?: PropertyDescriptor) => {
    const decorated = (descriptor?.value as object | undefined) ?? target;
    Reflect.defineMetadata(SEND_TO_METADATA, destination, decorated);
  };
}

/** Whether a method itself is decorated with {@link SendTo}. */
export function hasSendTo(method: object): boolean {
  return Reflect.hasMetadata(SEND_TO_METADATA, method);
}

/** What {@link SendTo} says about a method: on it, or else on its class. */
export function readSendTo(prototype: object, methodName: string): ReplyDestination | undefined {
  const method = (prototype as Record<string, object>)[methodName] as object;
  return [method, prototype.constructor]
    .map((target) => Reflect.getMetadata(SEND_TO_METADATA, target) as ReplyDestination | undefined)
    .find((destination) => destination !== undefined);
}
