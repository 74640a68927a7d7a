import { ActiveMqError } from '../errors/index.js';

/**
 * - `lost`: the store says that the claim is somebody else's, or gone.
 * - `uncertain`: the lease could not be renewed in time; somebody else may have taken over.
 * - `too-long`: the handler ran longer than `maxLeaseMs`, and the claim is no longer renewed.
 */
export type LeaseLoss = 'lost' | 'uncertain' | 'too-long';

const TEXTS: Readonly<Record<LeaseLoss, string>> = {
  lost: 'another consumer has taken over',
  uncertain: 'it could not be renewed in time, another consumer may have taken over',
  'too-long': 'the handler ran longer than `maxLeaseMs`',
};

/** Why a handler's `AbortSignal` fired: it no longer owns the message. Its result decides nothing any more unless `complete` takes it. */
export class LeaseLostError extends ActiveMqError {
  override readonly name = 'LeaseLostError';
  readonly loss: LeaseLoss;

  constructor(loss: LeaseLoss, options: { cause?: unknown } = {}) {
    super('ERR_AMQ_IDEMPOTENCY_STORE', `The idempotency lease is gone: ${TEXTS[loss]}`, { ...options, retryable: true });
    this.loss = loss;
  }
}
