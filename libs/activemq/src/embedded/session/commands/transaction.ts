import type { StompFrame } from '../../../stomp/frame.js';
import { Refusal } from '../../broker/refusal.js';
import type { StompSession } from '../stomp-session.js';
import { StompTransaction } from '../stomp-transaction.js';

/** BEGIN. */
export function onBegin({ state, broker }: StompSession, { headers }: StompFrame): void {
  const name = headers['transaction'];
  if (name === undefined) throw new Refusal('Must specify the transaction you are beginning');
  if (state.transactions.has(name)) throw new Refusal(`The transaction was already started: ${name}`);
  if (state.transactions.size >= broker.settings.limits.maxTransactions) {
    throw new Refusal(`This connection has its limit of ${state.transactions.size} open transactions`, {
      javaClass: 'javax.jms.ResourceAllocationException',
    });
  }
  state.transactions.set(name, new StompTransaction(broker.usage));
}

/** COMMIT: everything at once. */
export function onCommit(session: StompSession, { headers }: StompFrame): void {
  const transaction = take(session, headers['transaction']);
  for (const subscription of session.state.allSubscriptions) subscription.onCommit();
  transaction.commit((message) => session.broker.send(message));
}

/** ABORT: nothing is redelivered, what was acknowledged can be acknowledged again. */
export function onAbort(session: StompSession, { headers }: StompFrame): void {
  const transaction = take(session, headers['transaction']);
  for (const subscription of session.state.allSubscriptions) subscription.onAbort();
  transaction.abort();
}

function take({ state }: StompSession, name: string | undefined): StompTransaction {
  // The same words for ABORT, as in ActiveMQ.
  if (name === undefined) throw new Refusal('Must specify the transaction you are committing');
  const transaction = state.transactions.get(name);
  if (transaction === undefined) throw new Refusal(`Invalid transaction id: ${name}`);
  state.transactions.delete(name);
  return transaction;
}
