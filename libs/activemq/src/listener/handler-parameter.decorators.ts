import type { PipeTransform, Type } from '@nestjs/common';

import { addParameter, HANDLER_PARAMETER, type HandlerParameter } from './handler-parameters.js';

/** A pipe, as an instance or as a class for Nest to inject. */
export type Pipe = Type<PipeTransform> | PipeTransform;

/** Pipes and a Standard Schema for one parameter; the schema reaches Nest 12's `StandardSchemaValidationPipe`. */
export interface HandlerParameterOptions {
  /** A Standard Schema, such as one of Zod, for a `StandardSchemaValidationPipe`; without such a pipe nobody asks it. */
  readonly schema?: unknown;
  /** Run on the parameter after those that are given as arguments, in their order. */
  readonly pipes?: readonly Pipe[];
}

/**
 * The message's payload, or one property of it.
 *
 * @example onOrder(@Payload(new ValidationPipe()) order: OrderDto, @Payload('id') id: string)
 */
export function Payload(...args: readonly (string | Pipe | HandlerParameterOptions)[]): ParameterDecorator {
  return parameter(HANDLER_PARAMETER.PAYLOAD, args);
}

/**
 * One header of the message; `undefined` when it has none of that name.
 *
 * @param name as it stands on the wire, e.g. `correlation-id` or a custom one
 */
export function Header(name: string, ...pipes: readonly (Pipe | HandlerParameterOptions)[]): ParameterDecorator {
  return parameter(HANDLER_PARAMETER.HEADER, [name, ...pipes]);
}

/** All headers of the message, in an object without a prototype. */
export function Headers(...pipes: readonly (Pipe | HandlerParameterOptions)[]): ParameterDecorator {
  return parameter(HANDLER_PARAMETER.HEADERS, pipes);
}

/** The {@link JmsMessage} itself. */
export function Message(): ParameterDecorator {
  return parameter(HANDLER_PARAMETER.MESSAGE, []);
}

/** The {@link JmsAcknowledgment} of the message; needs `ackMode: 'manual'`. */
export function Acknowledgment(): ParameterDecorator {
  return parameter(HANDLER_PARAMETER.ACKNOWLEDGMENT, []);
}

function parameter(kind: HandlerParameter, args: readonly (string | Pipe | HandlerParameterOptions)[]): ParameterDecorator {
  const data = args.find((arg) => typeof arg === 'string');
  const options = args.filter((arg): arg is HandlerParameterOptions => typeof arg === 'object' && !('transform' in arg));
  const pipes = args.filter((arg): arg is Pipe => typeof arg === 'function' || (typeof arg === 'object' && 'transform' in arg));
  const schema = options.find((option) => option.schema !== undefined)?.schema;
  return (prototype, methodName, index) => {
    if (methodName === undefined) throw new TypeError('Parameters of a constructor are injected by Nest, not taken from a message');
    const all = [...pipes, ...options.flatMap((option) => option.pipes ?? [])];
    addParameter(prototype, methodName, kind, { index, data, pipes: all, ...(schema === undefined ? {} : { schema }) });
  };
}
