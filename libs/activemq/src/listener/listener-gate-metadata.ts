import { Injectable } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig } from '@nestjs/core';

import { ConfigurationError } from '../errors/index.js';
import type { JmsListenerDefinition } from './jms-listener.explorer.js';
import type { ListenerGateRoom } from './listener-gate.js';

const LISTENER_GATE_METADATA = 'nestjs-activemq:listener-gate';

/** That a listener needs a gate, whose, and with which options. */
interface GateMark {
  readonly room: ListenerGateRoom;
  readonly options: object;
}

/** Marks a method, a class of listeners, or a class of interceptors: the listeners it concerns get a gate of `room`. */
export function markGated(target: object, room: ListenerGateRoom, options: object): void {
  Reflect.defineMetadata(LISTENER_GATE_METADATA, { room, options } satisfies GateMark, target);
}

/** Whether a method itself is marked. */
export function isGated(method: object): boolean {
  return markOf(method) !== undefined;
}

/** Reads what {@link markGated} wrote on a listener's method, its class and its interceptors; nothing else does. */
@Injectable()
export class ListenerGateMetadataAccessor {
  /** @internal */
  constructor(private readonly applicationConfig: ApplicationConfig) {}

  /** The gate of a listener, with the options of all its marks, the weakest first: global, class, method; `undefined` when nothing is marked. */
  gateOf({ prototype, className, methodName }: JmsListenerDefinition): { room: ListenerGateRoom; options: readonly object[] } | undefined {
    const method = (prototype as Record<string, object>)[methodName] as object;
    const owner = prototype.constructor;
    const { applicationConfig: config } = this;
    const marks = [
      ...config.getGlobalInterceptors(),
      ...config.getGlobalRequestInterceptors().map(({ metatype }) => metatype as object),
      ...interceptorsOf(owner),
      ...interceptorsOf(method),
    ]
      .map((interceptor) => markOf(typeof interceptor === 'function' ? interceptor : interceptor.constructor))
      .concat(markOf(owner), markOf(method))
      .filter((mark) => mark !== undefined);
    const [first] = marks;
    if (!first) return undefined;
    if (marks.some(({ room }) => room !== first.room)) {
      throw new ConfigurationError(`${className}.${methodName} is guarded in two ways; leave one of its decorators or interceptors`);
    }
    return { room: first.room, options: marks.map(({ options }) => options) };
  }
}

function markOf(target: object): GateMark | undefined {
  return Reflect.getMetadata(LISTENER_GATE_METADATA, target) as GateMark | undefined;
}

function interceptorsOf(target: object): readonly object[] {
  return (Reflect.getMetadata(INTERCEPTORS_METADATA, target) as readonly object[] | undefined) ?? [];
}
