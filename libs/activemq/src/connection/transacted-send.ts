import { ConfigurationError, IllegalStateError, isActiveMqError, TransactionRolledBackError } from '../errors/index.js';
import type { SessionTransaction } from './session-transaction.js';

/** What a send inside a transaction fails with: nothing of a transaction happens before its COMMIT, so it was not sent. */
export function explainTransactedSend(error: unknown, destination: string, transaction: SessionTransaction): unknown {
  if (error instanceof IllegalStateError) {
    const cure = 'await every send before the handler or the callback ends, or send it with `withoutTransaction`';
    return new IllegalStateError(`The message to ${destination} was not sent: its transaction has ended; ${cure}`, { cause: error });
  }
  if (!isActiveMqError(error)) return error;
  // Also when the code around it goes on: a part of a transaction is none.
  transaction.setRollbackOnly(error);
  if (error instanceof ConfigurationError) return error;
  const options = { cause: error, retryable: error.retryable };
  return new TransactionRolledBackError(
    `The message to ${destination} is not sent, its transaction is rolled back: ${error.message}`,
    options,
  );
}
