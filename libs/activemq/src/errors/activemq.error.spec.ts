import { IntrinsicException } from '@nestjs/common';
import { expect, it } from 'vitest';

import * as errors from './index.js';

const { ACTIVEMQ_ERROR_CODES, ActiveMqError, isActiveMqError } = errors;

/** What the constructors take that do not begin with a text. */
const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  ActiveMqError: ['ERR_AMQ_SEND', 'no'],
  BatchListenerFailedError: [{ failures: [{ index: 0, error: new Error('no') }] }],
  RetryAfterError: [1_000],
};
const classes = Object.entries(errors).filter(([name]) => name.endsWith('Error') && name !== 'isActiveMqError');

it.each(classes)('%s is an ActiveMqError: code, name, `retryable`, and nothing for Nest to log once more', (name, type) => {
  const error: unknown = Reflect.construct(type as unknown as new () => Error, ARGUMENTS[name] ?? ['no']);
  expect(error).toBeInstanceOf(ActiveMqError);
  expect(error).toBeInstanceOf(IntrinsicException);
  if (!isActiveMqError(error)) throw new Error(`${name} has no brand`);
  expect(ACTIVEMQ_ERROR_CODES).toContain(error.code);
  expect([error.name, typeof error.retryable]).toEqual([name, 'boolean']);
});
