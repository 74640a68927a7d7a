import { Refusal } from '../broker/refusal.js';
import type { DestinationName } from '../destination/destination-name.js';
import type { StompSession } from './stomp-session.js';

/** @throws Refusal when the broker's `authorize` says no to a destination, or to a member of a composite */
export function assertAuthorized(session: StompSession, action: 'read' | 'write', destination: DestinationName): void {
  const { user } = session.state;
  for (const { qualifiedName } of destination.members ?? [destination]) {
    if (session.broker.settings.authorize(user, action, qualifiedName)) continue;
    throw new Refusal(`User ${user ?? null} is not authorized to ${action} ${action === 'read' ? 'from' : 'to'}: ${qualifiedName}`, {
      javaClass: 'java.lang.SecurityException',
    });
  }
}
