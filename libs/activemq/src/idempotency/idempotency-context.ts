import { createParamDecorator } from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';

/** What a handler can know of the claim under which it runs. */
export interface IdempotencyContext {
  /** What identifies the message: pass it on to what is idempotent itself, such as a payment service or a unique index. */
  readonly key: string;
  /** Names this attempt; a fencing token. Empty when `unprotected`. */
  readonly token: string;
  /** 1, and one more for each owner before that let its lease end, because it died or hung. 0 when `unprotected`. */
  readonly claimCount: number;
  /** Fires with a `LeaseLostError` when the claim is, or may be, somebody else's by now. */
  readonly signal: AbortSignal;
  /** Whether it runs without a claim: the store was out, or there was no key, and the options say `'process'`. */
  readonly unprotected: boolean;
}

const storage = new AsyncLocalStorage<IdempotencyContext>();

/** The claim under which the code that calls it runs; `undefined` outside idempotent listeners. */
export function getIdempotencyContext(): IdempotencyContext | undefined {
  return storage.getStore();
}

/** Runs a handler in its context. */
export function runInIdempotencyContext<T>(context: IdempotencyContext, handler: () => T): T {
  return storage.run(context, handler);
}

/**
 * Injects the {@link IdempotencyContext} into a parameter of a listener's method.
 *
 * @example onOrder(@Payload() order: Order, @IdempotencyContext() { key, signal }: IdempotencyContext) {}
 */
export const IdempotencyContext: () => ParameterDecorator = createParamDecorator(() => getIdempotencyContext());
