import { ActiveMqError, type BatchFailure, isActiveMqError } from '../errors/index.js';
import { toErrorText } from '../errors/error-text.js';
import type { JmsMessage } from '../message/jms-message.js';
import { isRetryable } from './retryable.js';

/** Runs a batch listener's method, enhancers included. */
export type BatchHandler = (messages: readonly JmsMessage[]) => Promise<unknown>;

/** What became of one message of a batch. */
export type BatchItemResult = { readonly isHandled: true } | { readonly isHandled: false; readonly error: unknown };

const HANDLED: BatchItemResult = { isHandled: true };

/**
 * Runs the handler for a batch and tells what became of each message: what a `BatchListenerFailedError` names failed, and what a returned
 * `Promise.allSettled` says, which fails all when its length is another and something was rejected. Another error fails all of them; when no later attempt could help, such as after a validation pipe's, each is first
 * tried alone, so that one bad message does not condemn the others.
 */
export async function runBatch(handler: BatchHandler, messages: readonly JmsMessage[]): Promise<readonly BatchItemResult[]> {
  try {
    return resultsOf(await handler(messages), messages.length);
  } catch (error) {
    const failures = failuresOf(error, messages.length);
    if (failures) return messages.map((_, index) => failures.get(index) ?? HANDLED);
    if (messages.length === 1 || isRetryable(error)) return messages.map(() => ({ isHandled: false, error }));
    const results: BatchItemResult[] = [];
    for (const message of messages) results.push(...(await runBatch(handler, [message])));
    return results;
  }
}

/** What a `BatchListenerFailedError` names; `undefined` when the error is another one, or its list cannot be read: then nobody knows what was meant. */
function failuresOf(error: unknown, count: number): ReadonlyMap<number, BatchItemResult> | undefined {
  try {
    return namedFailures(error, count);
  } catch {
    // Anything can be thrown, also what throws when it is looked at, such as a revoked Proxy.
    return undefined;
  }
}

/** By code and not by class: a second copy of this package may have thrown it. An index beyond the batch fails all, too. */
function namedFailures(error: unknown, count: number): ReadonlyMap<number, BatchItemResult> | undefined {
  if (!isActiveMqError(error) || error.code !== 'ERR_AMQ_BATCH_FAILED') return undefined;
  if (!('failures' in error) || !Array.isArray(error.failures)) return undefined;
  const failures = error.failures as readonly BatchFailure[];
  const beyond = failures.find(({ index }) => !(Number.isInteger(index) && index >= 0 && index < count));
  if (beyond) {
    const error = beyondTheBatch(beyond, count);
    return new Map(Array.from({ length: count }, (_, index) => [index, { isHandled: false, error }]));
  }
  return new Map(failures.map((failure) => [failure.index, { isHandled: false, error: failure.error }]));
}

/** What is not made by `Promise.allSettled` tells nothing, and is a success. */
function resultsOf(returned: unknown, count: number): readonly BatchItemResult[] {
  const settled: readonly PromiseSettledResult<unknown>[] = Array.isArray(returned) && returned.every(isSettled) ? returned : [];
  const rejected = settled.find((result) => result.status === 'rejected');
  if (!rejected) return Array.from({ length: count }, () => HANDLED);
  if (settled.length !== count) {
    // Something failed, and nobody can tell whose it is: acknowledging them all would lose it.
    const error = ofOtherLength(settled.length, count, rejected.reason);
    return Array.from({ length: count }, () => ({ isHandled: false, error }));
  }
  return settled.map((result) => (result.status === 'rejected' ? { isHandled: false, error: result.reason as unknown } : HANDLED));
}

function ofOtherLength(results: number, count: number, cause: unknown): ActiveMqError {
  return new ActiveMqError(
    'ERR_AMQ_BATCH_FAILED',
    `The batch listener returned ${counted(results, 'settled result')} for ${counted(count, 'message')}, and something was rejected, so that all of the batch fails: return one result for each message in their order, or throw BatchListenerFailedError({ failures: [{ index, error }] })`,
    { cause, retryable: true },
  );
}

function beyondTheBatch({ index, error }: BatchFailure, count: number): ActiveMqError {
  const named = typeof index === 'number' ? String(index) : (JSON.stringify(index) ?? 'undefined');
  return new ActiveMqError(
    'ERR_AMQ_BATCH_FAILED',
    `The batch listener named index ${named.slice(0, 100)} for a batch of ${counted(count, 'message')}, so that all of the batch fails: indexes count from 0, as in the arrays that it got. It failed with ${toErrorText(error)}`,
    { cause: error, retryable: true },
  );
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function isSettled(value: unknown): value is PromiseSettledResult<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const { status } = value as { readonly status?: unknown };
  return (status === 'fulfilled' && 'value' in value) || (status === 'rejected' && 'reason' in value);
}
