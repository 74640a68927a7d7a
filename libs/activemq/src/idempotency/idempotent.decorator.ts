import { markGated } from '../listener/listener-gate-metadata.js';
import { IDEMPOTENCY_ROOM } from './idempotency-room.js';
import type { IdempotentOptions } from './idempotency-options.js';

/**
 * Lets a listener handle each message once, or every listener of a class: duplicates are acknowledged without running it. The store stands in the
 * module's options, `idempotency: { store }`; what is said here wins over what is said there, and on a method over what is said on its class.
 *
 * It is not "exactly once": a process that dies between the handler's end and the record of it lets the message be handled again.
 *
 * @example
 * ```ts
 * @Injectable()
 * export class Billing {
 *   @JmsListener('orders')
 *   @Idempotent({ key: (message) => (message as JmsMessage<Order>).payload.id, leaseMs: 60_000 })
 *   async onOrder(order: Order) {}
 * }
 * ```
 * @see https://camel.apache.org/components/latest/eips/idempotentConsumer-eip.html
 */
export function Idempotent(options: IdempotentOptions = {}): MethodDecorator & ClassDecorator {
  return (target: object, _methodName?: string | symbol, descriptor?: PropertyDescriptor) => {
    const method: unknown = descriptor?.value;
    markGated(typeof method === 'function' ? method : target, IDEMPOTENCY_ROOM, options);
  };
}
