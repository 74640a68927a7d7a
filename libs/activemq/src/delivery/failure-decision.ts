import { isActiveMqError } from '../errors/index.js';
import type { ConnectionLogger } from '../connection/connection-settings.js';
import { ERROR_HANDLER_DECISIONS, type ErrorHandlerDecision, type ErrorHandlerFunction, type FailedAttempt } from './error-handler.js';
import { toErrorText } from '../errors/error-text.js';
import { LONGEST_DELAY, redeliveryDelay, type ResolvedRedeliveryPolicy } from './redelivery-policy.js';

/** What follows a failed attempt. */
export type FailureDecision =
  | { readonly kind: 'retry'; readonly delay: number }
  | { readonly kind: 'dead-letter'; readonly reason: string }
  | { readonly kind: 'discard'; readonly reason: string }
  | { readonly kind: 'acknowledge'; readonly reason: string };

/** Decides what follows a failed attempt: the error itself, the error handler, the policy. */
export class FailureDecider {
  constructor(
    private readonly logger: ConnectionLogger,
    private readonly errorHandler: ErrorHandlerFunction | undefined,
  ) {}

  /** @param failed the attempt, without what the policy says of it */
  async decide(
    error: unknown,
    failed: Pick<FailedAttempt, 'message' | 'attempt' | 'listenerId'>,
    policy: ResolvedRedeliveryPolicy,
  ): Promise<FailureDecision> {
    const { maximumRedeliveries } = policy;
    const { retryable, requested } = this.#judge(error, failed, policy);
    const decision = await this.#ask(error, { ...failed, maximumRedeliveries, isRetryable: retryable });
    if (decision === 'ack') return { kind: 'acknowledge', reason: 'the error handler takes it as handled' };
    if (decision === 'discard') return { kind: 'discard', reason: 'the error handler discards it' };
    if (decision === 'dead-letter') return { kind: 'dead-letter', reason: 'the error handler gives it up' };
    if (!retryable && decision !== 'retry') return { kind: 'dead-letter', reason: 'the error is not retryable' };
    if (maximumRedeliveries !== -1 && failed.attempt > maximumRedeliveries) {
      return { kind: 'dead-letter', reason: usedUp(maximumRedeliveries) };
    }
    return { kind: 'retry', delay: requested ?? redeliveryDelay(policy, failed.attempt) };
  }

  /** @returns `requested`: ms that the error itself asks for */
  #judge(
    error: unknown,
    { message, listenerId }: Pick<FailedAttempt, 'message' | 'listenerId'>,
    policy: ResolvedRedeliveryPolicy,
  ): { readonly retryable: boolean; readonly requested?: number } {
    try {
      if (isActiveMqError(error) && error.code === 'ERR_AMQ_NON_RETRYABLE') return { retryable: false };
      const requested = requestedDelay(error);
      return { retryable: requested !== undefined || policy.retryable(error, message), requested };
    } catch (cause) {
      this.logger.error(`Listener '${listenerId}': \`retryable\` failed on an error, which counts as retryable: ${toErrorText(cause)}`);
      return { retryable: true };
    }
  }

  async #ask(error: unknown, failed: FailedAttempt): Promise<ErrorHandlerDecision | undefined> {
    if (!this.errorHandler) return undefined;
    try {
      const decision: unknown = (await this.errorHandler(error, failed)) ?? undefined;
      const known = ERROR_HANDLER_DECISIONS.find((one) => one === decision);
      if (decision === undefined || known !== undefined) return known;
      this.logger.error(
        `Listener '${failed.listenerId}': its error handler returned a value of type ${typeof decision}, which is none of ${ERROR_HANDLER_DECISIONS.join(', ')}; the redelivery policy decides`,
      );
    } catch (cause) {
      this.logger.error(`Listener '${failed.listenerId}': its error handler failed, the redelivery policy decides: ${toErrorText(cause)}`);
    }
    return undefined;
  }
}

/** By code and not by class: a second copy of this package may have thrown it, or a subclass whose delay nobody checked. */
function requestedDelay(error: unknown): number | undefined {
  if (!isActiveMqError(error) || error.code !== 'ERR_AMQ_RETRY_AFTER' || !('delay' in error)) return undefined;
  const { delay } = error;
  return typeof delay === 'number' && delay >= 0 ? Math.min(Math.round(delay), LONGEST_DELAY) : undefined;
}

function usedUp(maximumRedeliveries: number): string {
  if (maximumRedeliveries === 0) return 'its policy allows no redelivery';
  return maximumRedeliveries === 1 ? 'its one redelivery is used up' : `its ${maximumRedeliveries} redeliveries are used up`;
}
