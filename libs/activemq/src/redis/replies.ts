import { type ClaimAnswer, type CompleteAnswer, IdempotencyStoreError, type IdempotencyStoreOperation } from '../idempotency/index.js';

/** Reads what the script `CLAIM` answered. */
export function readClaim(reply: unknown): ClaimAnswer {
  const [outcome, detail] = Array.isArray(reply) ? reply.map(String) : [];
  switch (String(outcome)) {
    case 'ACQUIRED':
      return { outcome: 'acquired', claimCount: Number(detail) };
    case 'COMPLETED':
      return detail === undefined ? { outcome: 'completed' } : { outcome: 'completed', result: detail };
    case 'IN_PROGRESS':
      return { outcome: 'in-progress', remainingMs: Number(detail) };
    case 'MISMATCH':
      return { outcome: 'mismatch', fingerprint: detail ?? '' };
    default:
      throw unexpected('claim', reply);
  }
}

/** Reads what the script `COMPLETE` answered. */
export function readComplete(reply: unknown): CompleteAnswer {
  switch (String(reply)) {
    case 'OK':
      return 'completed';
    case 'RECREATED':
      return 'recreated';
    case 'LOST':
      return 'lost';
    default:
      throw unexpected('complete', reply);
  }
}

/** Reads 1 or 0. */
export function readFlag(operation: IdempotencyStoreOperation, reply: unknown): boolean {
  const flag = Number(reply);
  if (flag !== 0 && flag !== 1) throw unexpected(operation, reply);
  return flag === 1;
}

function unexpected(operation: IdempotencyStoreOperation, reply: unknown): IdempotencyStoreError {
  return new IdempotencyStoreError(
    `Redis idempotency store: ${operation} was answered with ${JSON.stringify(reply)?.slice(0, 100)}; is this Redis?`,
    operation,
    'refused',
  );
}
