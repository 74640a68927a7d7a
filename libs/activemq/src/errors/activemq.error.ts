import { IntrinsicException } from '@nestjs/common';

const BRAND: unique symbol = Symbol.for('nestjs-activemq.error');

/** Every code an {@link ActiveMqError} can carry; stable, so that callers may switch on it. */
export const ACTIVEMQ_ERROR_CODES = [
  'ERR_AMQ_CONFIGURATION',
  'ERR_AMQ_PROTOCOL',
  'ERR_AMQ_CONNECT',
  'ERR_AMQ_CONNECTION_CLOSED',
  'ERR_AMQ_BROKER',
  'ERR_AMQ_TIMEOUT',
  'ERR_AMQ_REPLY',
  'ERR_AMQ_REPLY_TIMEOUT',
  'ERR_AMQ_SEND',
  'ERR_AMQ_TRANSACTION_ROLLED_BACK',
  'ERR_AMQ_ILLEGAL_FRAME',
  'ERR_AMQ_MESSAGE_CONVERSION',
  'ERR_AMQ_ILLEGAL_STATE',
  'ERR_AMQ_NON_RETRYABLE',
  'ERR_AMQ_BATCH_FAILED',
  'ERR_AMQ_RETRY_AFTER',
  'ERR_AMQ_IDEMPOTENCY_STORE',
] as const;

/** One of {@link ACTIVEMQ_ERROR_CODES}. */
export type ActiveMqErrorCode = (typeof ACTIVEMQ_ERROR_CODES)[number];

/** What every {@link ActiveMqError} may be given besides its message. */
export interface ActiveMqErrorOptions {
  /** The error underneath. */
  cause?: unknown;
  /** Whether the same operation may succeed when it is tried again; default `false`. */
  retryable?: boolean;
}

/**
 * Base of every error this package throws: it has a stable `code`, a `cause` and says whether trying again can help.
 *
 * It is an `IntrinsicException`, so that Nest's default filter does not log a second time what settlement logs once.
 */
export class ActiveMqError extends IntrinsicException {
  readonly [BRAND] = true;
  override readonly name: string = 'ActiveMqError';
  /** Tells kinds of errors apart, also those of two copies of this package. */
  readonly code: ActiveMqErrorCode;
  /** Whether the same operation may succeed when it is tried again. */
  readonly retryable: boolean;

  constructor(code: ActiveMqErrorCode, message: string, options: ActiveMqErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** Tells whether a value is an {@link ActiveMqError}, also when two copies of this package are installed. */
export function isActiveMqError(value: unknown): value is ActiveMqError {
  return typeof value === 'object' && value !== null && BRAND in value;
}
