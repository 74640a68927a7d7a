import type { StompFrame } from '../../../stomp/frame.js';
import { Refusal } from '../../broker/refusal.js';
import { destinationOf } from '../incoming-message.js';
import type { StompSession } from '../stomp-session.js';
import type { StompSubscription } from '../stomp-subscription.js';

/** UNSUBSCRIBE; with `activemq.subscriptionName` it deletes a durable subscription that nobody uses. */
export function onUnsubscribe(session: StompSession, { headers }: StompFrame): void {
  const { state, broker, version } = session;
  const id = headers['id'];
  if (id === undefined && version !== '1.0') throw new Refusal('UNSUBSCRIBE received without a subscription id!');
  if (id === undefined && headers['destination'] === undefined) {
    throw new Refusal('Must specify the subscriptionId or the destination you are unsubscribing from');
  }
  const subscriptionName = headers['activemq.subscriptionName'];
  if (subscriptionName !== undefined) {
    const clientId = version === '1.0' ? subscriptionName : state.clientId;
    return broker.durables.remove({ clientId, subscriptionName });
  }
  const subscription = id === undefined ? byDestination(session, headers['destination'] ?? '') : state.subscriptions.get(id);
  if (subscription === undefined) throw new Refusal('No subscription matched.');
  if (id !== undefined) state.subscriptions.delete(id);
  state.allSubscriptions.delete(subscription);
  if (subscription.consumer === undefined) {
    throw new Refusal(`Cannot remove a consumer that had not been registered: ${state.connectionId}:-1:1`, {
      javaClass: 'java.lang.IllegalStateException',
    });
  }
  subscription.close();
}

function byDestination(session: StompSession, text: string): StompSubscription | undefined {
  const wanted = destinationOf(text, (name, topic) => session.state.temporary(name, topic));
  for (const subscription of session.state.allSubscriptions) {
    if (subscription.destination.qualifiedName === wanted.qualifiedName) return subscription;
  }
  return undefined;
}
