import { ValidationPipe } from '@nestjs/common';
import { PIPES_METADATA } from '@nestjs/common/constants.js';
import type { ApplicationConfig } from '@nestjs/core';

import { readParameters } from './handler-parameters.js';

/**
 * Whether a parameter has a schema and nobody to ask it: no pipe at all, or Nest's `ValidationPipe`, which has its own rules. Any other pipe may ask.
 *
 * @param config of the application, whose global pipes count, too
 */
export function hasUnaskedSchema(prototype: object, methodName: string, config: ApplicationConfig): boolean {
  const method = (prototype as Record<string, object>)[methodName] as object;
  const shared = [...config.getGlobalPipes(), ...config.getGlobalRequestPipes(), ...pipesOf(prototype.constructor), ...pipesOf(method)];
  if (shared.some(mayAsk)) return false;
  return Object.values(readParameters(prototype, methodName)).some(({ schema, pipes }) => schema !== undefined && !pipes.some(mayAsk));
}

function pipesOf(target: object): readonly unknown[] {
  return (Reflect.getMetadata(PIPES_METADATA, target) as readonly unknown[] | undefined) ?? [];
}

function mayAsk(pipe: unknown): boolean {
  return pipe !== ValidationPipe && !(pipe instanceof ValidationPipe && pipe.constructor === ValidationPipe);
}
