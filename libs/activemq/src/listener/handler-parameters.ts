import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';

import { JmsAcknowledgment } from '../delivery/jms-acknowledgment.js';
import { JmsMessage } from '../message/jms-message.js';

/**
 * The kinds of parameter a handler can have, by the number under which Nest's pipes see them.
 *
 * PAYLOAD is Nest's own number for a request's body: `ValidationPipe` leaves every other kind alone.
 */
export const HANDLER_PARAMETER = { PAYLOAD: 3, HEADER: 106, HEADERS: 107, MESSAGE: 108, ACKNOWLEDGMENT: 109 } as const;

/** One of {@link HANDLER_PARAMETER}. */
export type HandlerParameter = (typeof HANDLER_PARAMETER)[keyof typeof HANDLER_PARAMETER];

/** What Nest keeps of one decorated parameter. */
export interface ParameterMetadata {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes: readonly unknown[];
  readonly schema?: unknown;
  /** Set when the compiler wrote no types, so that it may be meant otherwise. */
  readonly isGuessed?: true;
}

/** Writes what Nest's own parameter decorators write. */
export function addParameter(prototype: object, methodName: string | symbol, kind: HandlerParameter, parameter: ParameterMetadata): void {
  Reflect.defineMetadata(
    ROUTE_ARGS_METADATA,
    { ...readParameters(prototype, methodName), [`${kind}:${parameter.index}`]: parameter },
    prototype.constructor,
    methodName,
  );
}

/** The decorated parameters of a method, by Nest's keys. */
export function readParameters(prototype: object, methodName: string | symbol): Readonly<Record<string, ParameterMetadata>> {
  return (
    (Reflect.getMetadata(ROUTE_ARGS_METADATA, prototype.constructor, methodName) as Record<string, ParameterMetadata> | undefined) ?? {}
  );
}

/** Whether some parameter of a method is of a kind. */
export function hasParameter(prototype: object, methodName: string | symbol, kind: HandlerParameter): boolean {
  return Object.keys(readParameters(prototype, methodName)).some((key) => key.startsWith(`${kind}:`));
}

/** The names that the `@Header()` parameters of a method ask for. */
export function headerNamesOf(prototype: object, methodName: string): readonly string[] {
  const parameters = Object.entries(readParameters(prototype, methodName));
  return parameters.filter(([key]) => key.startsWith(`${HANDLER_PARAMETER.HEADER}:`)).map(([, { data }]) => String(data));
}

/**
 * Gives the undecorated parameters their meaning: by type for {@link JmsMessage} and {@link JmsAcknowledgment}, and the first one is the payload.
 *
 * Without it Nest would run no pipe on them, and pass `undefined` once any other parameter is decorated.
 */
export function describeParameters(prototype: object, methodName: string | symbol): void {
  const types = Reflect.getMetadata('design:paramtypes', prototype, methodName) as readonly unknown[] | undefined;
  const decorated = new Set(Object.values(readParameters(prototype, methodName)).map(({ index }) => index));
  const method = (prototype as Record<string | symbol, unknown>)[methodName] as (...args: unknown[]) => unknown;
  const count = Math.max(types?.length ?? 0, method.length, 1);
  for (let index = 0; index < count; index++) {
    const kind = decorated.has(index) ? undefined : kindOf(types?.[index], index);
    const isGuessed = types === undefined && index < method.length;
    if (kind !== undefined) addParameter(prototype, methodName, kind, { index, pipes: [], ...(isGuessed ? { isGuessed } : {}) });
  }
}

/** Whether an undecorated parameter was taken for the payload without knowing its type. */
export function hasGuessedParameter(prototype: object, methodName: string): boolean {
  return Object.values(readParameters(prototype, methodName)).some(({ isGuessed }) => isGuessed);
}

/** The indexes of parameters that nothing fills. */
export function unfilledParameters(prototype: object, methodName: string): readonly number[] {
  const filled = new Set(Object.values(readParameters(prototype, methodName)).map(({ index }) => index));
  const method = (prototype as Record<string, unknown>)[methodName] as (...args: unknown[]) => unknown;
  return Array.from({ length: method.length }, (_, index) => index).filter((index) => !filled.has(index));
}

function kindOf(type: unknown, index: number): HandlerParameter | undefined {
  if (type === JmsMessage) return HANDLER_PARAMETER.MESSAGE;
  if (type === JmsAcknowledgment) return HANDLER_PARAMETER.ACKNOWLEDGMENT;
  return index === 0 ? HANDLER_PARAMETER.PAYLOAD : undefined;
}
