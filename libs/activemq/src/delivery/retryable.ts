import { HttpException } from '@nestjs/common';

import { type ActiveMqErrorCode, isActiveMqError } from '../errors/index.js';

/** By code and not by class: a second copy of this package may have thrown it. */
const NOT_RETRYABLE: readonly ActiveMqErrorCode[] = ['ERR_AMQ_NON_RETRYABLE', 'ERR_AMQ_MESSAGE_CONVERSION', 'ERR_AMQ_CONFIGURATION'];

/**
 * Whether handling a message again can help after this error.
 *
 * It cannot after a `NonRetryableError`, a body that could not be read, a wrong destination or option of a send, or an `HttpException` of the 4xx family, which is what a failed
 * validation pipe and a guard that says no throw.
 */
export function isRetryable(error: unknown): boolean {
  if (isActiveMqError(error)) return !NOT_RETRYABLE.includes(error.code);
  return !(error instanceof HttpException && error.getStatus() >= 400 && error.getStatus() < 500);
}
