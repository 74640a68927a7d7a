import { Injectable } from '@nestjs/common';

import type { JmsListenerOptions } from './jms-listener-options.js';
import { isGated } from './listener-gate-metadata.js';
import { hasSendTo } from './send-to.decorator.js';

const JMS_LISTENER_METADATA = 'nestjs-activemq:listener';

/** Adds one more listener to a method; decorators run from the last to the first, hence at the front. */
export function addListenerMetadata(method: object, options: JmsListenerOptions): void {
  Reflect.defineMetadata(JMS_LISTENER_METADATA, [options, ...readListenerMetadata(method)], method);
}

/** The listeners a method was decorated with, in the order they are written. */
function readListenerMetadata(method: object): readonly JmsListenerOptions[] {
  return (Reflect.getMetadata(JMS_LISTENER_METADATA, method) as readonly JmsListenerOptions[] | undefined) ?? [];
}

/** Reads what {@link JmsListener} wrote; nothing else does. */
@Injectable()
export class JmsListenerMetadataAccessor {
  /** The listeners of one method of a prototype; none for accessors and fields. */
  listenersOf(prototype: object, methodName: string): readonly JmsListenerOptions[] {
    const method = methodOf(prototype, methodName);
    return method ? readListenerMetadata(method) : [];
  }

  /** The decorator on a method that means something on a listener only, when the method is none. */
  orphanOf(prototype: object, methodName: string): '@SendTo' | '@Idempotent' | undefined {
    const method = methodOf(prototype, methodName);
    if (!method || readListenerMetadata(method).length > 0) return undefined;
    if (hasSendTo(method)) return '@SendTo';
    return isGated(method) ? '@Idempotent' : undefined;
  }
}

function methodOf(prototype: object, methodName: string): object | undefined {
  const method: unknown = Object.getOwnPropertyDescriptor(ownerOf(prototype, methodName), methodName)?.value;
  return typeof method === 'function' ? method : undefined;
}

function ownerOf(prototype: object, name: string): object {
  let owner: object | null = prototype;
  while (owner && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner) as object | null;
  return owner ?? prototype;
}
