import { isObservable, lastValueFrom } from 'rxjs';

import type { MessageHandler } from '../delivery/handler-run.js';
import type { JmsAcknowledgment } from '../delivery/jms-acknowledgment.js';
import { ConfigurationError } from '../errors/index.js';
import type { JmsMessage } from '../message/jms-message.js';
import { assertFunction, assertText } from '../validation/index.js';
import type { ListenerSource } from './jms-listener.explorer.js';
import type { JmsListenerOptions } from './jms-listener-options.js';

/**
 * A listener that is a plain function, for `JmsListenerEndpointRegistry.registerListener`. What it returns is replied, a promise is awaited, of an
 * Observable the last value counts. Mirrors `SimpleJmsListenerEndpoint` with a `MessageListener`.
 *
 * @typeParam T of the payload; nothing checks it
 */
export type JmsListenerFunction<T = unknown> = (message: JmsMessage<T>, acknowledgment: JmsAcknowledgment) => unknown;

/** As {@link JmsListenerFunction}, for `batch`: what it returns says which messages failed, and is no reply. */
export type BatchListenerFunction<T = unknown> = (messages: readonly JmsMessage<T>[]) => unknown;

/** Options of a listener that is registered at run time; it has no method to be named after. */
export interface RegisteredListenerOptions extends JmsListenerOptions {
  readonly id: string;
}

/** Stands for the class and the method that such a listener does not have. */
class JmsListenerEndpointRegistryFunctions {
  registerListener(): void {
    // Only its metadata is read, and it has none.
  }
}

/**
 * What the resolver needs to know of a function.
 *
 * @throws ConfigurationError when it has no id, or is no function
 */
export function programmaticSource(options: RegisteredListenerOptions, handler: JmsListenerFunction): ListenerSource {
  const where = 'registerListener()';
  if (typeof options !== 'object' || options === null) throw new ConfigurationError(`${where}: the options must be an object`);
  assertText(where, 'id', options.id);
  assertFunction(`${where} of '${options.id}'`, 'handler', handler);
  return {
    options,
    prototype: JmsListenerEndpointRegistryFunctions.prototype,
    className: 'registry',
    methodName: 'registerListener',
    ordinal: 0,
  };
}

/** Awaits what the function returns as Nest awaits what a method returns; enhancers have nothing to hold on to. */
export function programmaticHandler(handler: JmsListenerFunction): MessageHandler {
  return async (message, acknowledgment) => {
    const result = await handler(message, acknowledgment);
    return isObservable(result) ? lastValueFrom(result) : result;
  };
}
