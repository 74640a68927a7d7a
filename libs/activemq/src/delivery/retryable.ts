import { HttpException } from '@nestjs/common';

import { type ActiveMqErrorCode, isActiveMqError } from '../errors/index.js';

/** By code and not by class: a second copy of this package may have thrown it. */
const NOT_RETRYABLE: readonly ActiveMqErrorCode[] = ['ERR_AMQ_NON_RETRYABLE', 'ERR_AMQ_MESSAGE_CONVERSION', 'ERR_AMQ_CONFIGURATION'];

/** Request Timeout, Too Early, Too Many Requests: of the 4xx family, and about the moment. */
const TRY_LATER: readonly number[] = [408, 425, 429];

/**
 * Whether handling a message again can help after this error.
 *
 * It cannot after a `NonRetryableError`, a body that could not be read, a wrong destination or option of a send, or an `HttpException` of the 4xx
 * family (but 408, 425 and 429), which is what a failed validation pipe and a guard that says no throw.
 */
export function isRetryable(error: unknown): boolean {
  try {
    return canHelp(error);
  } catch {
    // Something that throws when it is looked at, such as a revoked Proxy, says nothing about another attempt.
    return true;
  }
}

function canHelp(error: unknown): boolean {
  if (isActiveMqError(error)) return !NOT_RETRYABLE.includes(error.code);
  if (!(error instanceof HttpException)) return true;
  const status = error.getStatus();
  return status < 400 || status >= 500 || TRY_LATER.includes(status);
}
