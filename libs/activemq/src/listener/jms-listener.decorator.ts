import { ENTRY_PROVIDER_WATERMARK } from '@nestjs/common/constants.js';

import { ConfigurationError } from '../errors/index.js';
import { describeParameters } from './handler-parameters.js';
import { addListenerMetadata } from './jms-listener-metadata.js';
import type { JmsListenerOptions } from './jms-listener-options.js';

/**
 * Makes a provider's method the handler of messages of a destination; may be repeated. Guards, interceptors, pipes and filters apply.
 *
 * The message is acknowledged after the method succeeded. When it fails the message is handled again by the redelivery policy, then
 * dead-lettered. On a `@Controller` it is an error at start-up: Nest would skip the guards of such a handler without a word.
 *
 * @param options a destination, or all options
 * @example
 * ```ts
 * @Injectable()
 * export class OrdersListener {
 *   @JmsListener('orders')
 *   async onOrder(order: Order) {}
 *
 *   @JmsListener({ destination: 'topic://${prices.topic}', concurrency: 5, selector: "currency = 'EUR'" })
 *   async onPrice(@Payload() price: Price, @Header('currency') currency: string) {}
 * }
 * ```
 * @see https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/jms/annotation/JmsListener.html
 */
export function JmsListener(options: string | JmsListenerOptions): MethodDecorator {
  const listener: JmsListenerOptions = typeof options === 'object' && options !== null ? options : { destination: options };
  return (prototype, methodName, descriptor: PropertyDescriptor | undefined) => {
    const method: unknown = descriptor?.value;
    if (typeof prototype === 'function' || typeof method !== 'function') {
      throw new ConfigurationError(
        `@JmsListener on ${classOf(prototype).name}.${String(methodName)}: only methods of instances can listen; write a method that is not static`,
      );
    }
    addListenerMetadata(method, listener);
    describeParameters(prototype, methodName);
    // An entry provider to Nest, as a gateway or a resolver is: else global enhancers of request scope would be skipped without a word.
    Reflect.defineMetadata(ENTRY_PROVIDER_WATERMARK, true, prototype.constructor);
  };
}

function classOf(target: object): { readonly name: string } {
  return typeof target === 'function' ? target : target.constructor;
}
