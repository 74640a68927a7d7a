import { HttpException } from '@nestjs/common';

import { MessageConversionError, NonRetryableError } from '../errors/index.js';

/**
 * Whether handling a message again can help after this error.
 *
 * It cannot after a {@link NonRetryableError}, a body that could not be read, or an `HttpException` of the 4xx family, which is what a failed
 * validation pipe and a guard that says no throw.
 */
export function isRetryable(error: unknown): boolean {
  if (error instanceof NonRetryableError || error instanceof MessageConversionError) return false;
  return !(error instanceof HttpException && error.getStatus() >= 400 && error.getStatus() < 500);
}
