import type { Type } from '@nestjs/common';

import type { JmsMessage } from '../message/jms-message.js';

/**
 * What an error handler decides: `ack` counts the message as handled, `retry` handles it again while redeliveries are left, `dead-letter` gives it to
 * the dead-letter strategy now, `discard` acknowledges it unhandled. `undefined` leaves it to the redelivery policy.
 */
export type ErrorHandlerDecision = 'ack' | 'retry' | 'dead-letter' | 'discard';

/** The failed attempt that an error handler is asked about. */
export interface FailedAttempt {
  readonly message: JmsMessage;
  /** 1 is the first attempt. */
  readonly attempt: number;
  /** -1 is without end. */
  readonly maximumRedeliveries: number;
  readonly listenerId: string;
  /** Whether the policy finds that trying again can help. */
  readonly isRetryable: boolean;
}

type Decision = ErrorHandlerDecision | undefined | void;

/** An error handler as a function. */
export type ErrorHandlerFunction = (error: unknown, failed: FailedAttempt) => Decision | Promise<Decision>;

/**
 * An error handler as a provider, so that it can have dependencies. Unlike Spring's it gets the message, and decides.
 *
 * @see https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/util/ErrorHandler.html
 */
export interface ErrorHandler {
  /**
   * Decides what becomes of a message whose attempt failed, before the redelivery policy does.
   *
   * @param error what the handler threw, or why its reply could not be sent
   * @returns a decision, or a promise of one; `undefined` leaves it to the policy, and so does what it throws, which is logged
   */
  handleError(error: unknown, failed: FailedAttempt): Decision | Promise<Decision>;
}

/** What the option `errorHandler` takes: a function, an object, or the class of a provider. */
export type ErrorHandlerOption = ErrorHandlerFunction | ErrorHandler | Type<ErrorHandler>;

/** All that {@link ErrorHandlerDecision} can be. */
export const ERROR_HANDLER_DECISIONS: readonly ErrorHandlerDecision[] = ['ack', 'retry', 'dead-letter', 'discard'];
