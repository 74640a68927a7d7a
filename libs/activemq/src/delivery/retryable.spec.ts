import {
  BadRequestException,
  ForbiddenException,
  HttpException,
  InternalServerErrorException,
  RequestTimeoutException,
} from '@nestjs/common';
import { expect, it } from 'vitest';

import { ConfigurationError, MessageConversionError, NonRetryableError, SendError } from '../errors/index.js';
import { isRetryable } from './retryable.js';

it.each([
  [new Error('x'), true],
  [new TypeError('x'), true],
  ['text', true],
  [undefined, true],
  [new SendError('x', 'unknown'), true],
  [new ConfigurationError('x'), false],
  [new InternalServerErrorException(), true],
  [new HttpException('x', 503), true],
  [new HttpException('x', 302), true],
  [new BadRequestException(), false],
  [new ForbiddenException(), false],
  [new RequestTimeoutException(), true],
  [new HttpException('x', 429), true],
  [new HttpException('x', 499), false],
  [new NonRetryableError('x'), false],
  [new MessageConversionError('x'), false],
])('%s is retryable: %s', (error, expected) => {
  expect(isRetryable(error)).toBe(expected);
});
