import type { DeliveryOutcome, DeliveryOutcomeKind } from '../delivery/delivery-outcome.js';
import { ConfigurationError } from '../errors/index.js';
import { formatDestination, parseDestinations } from '../message/destination.js';
import type { SentMessage } from '../template/sent-messages.js';
import { assertKnownOptions } from '../validation/index.js';

/** Which outcome is meant; everything given must hold, at least one of them. */
export interface OutcomeMatch {
  readonly kind?: DeliveryOutcomeKind;
  readonly listenerId?: string;
  readonly idempotencyKey?: string;
  /** Where the message was sent, e.g. `orders` or `topic://prices`. */
  readonly destination?: string;
}

/** Tells whether an outcome is the one. */
export type OutcomePredicate = (outcome: DeliveryOutcome) => boolean;

/** Tells whether a sent message is the one. */
export type SentPredicate = (sent: SentMessage) => boolean;

/** After one of these nothing more happens to the message. */
const FINAL_KINDS: readonly DeliveryOutcomeKind[] = ['acknowledged', 'duplicate', 'dead-lettered', 'kept'];

/** Whether nothing more happens to the message at this listener. */
export function isFinal({ kind }: DeliveryOutcome): boolean {
  return FINAL_KINDS.includes(kind);
}

/** @throws ConfigurationError for a match without any condition, or with an unknown one */
export function outcomePredicate(match: OutcomeMatch | OutcomePredicate): OutcomePredicate {
  if (typeof match === 'function') return match;
  assertKnownOptions('The match of an outcome', match, ['kind', 'listenerId', 'idempotencyKey', 'destination']);
  const { kind, listenerId, idempotencyKey } = match;
  const destination = match.destination === undefined ? undefined : canonicalDestination(match.destination);
  if ([kind, listenerId, idempotencyKey, destination].every((condition) => condition === undefined)) {
    throw new ConfigurationError('The match of an outcome is empty: give `kind`, `listenerId`, `idempotencyKey` or `destination`');
  }
  return (outcome) =>
    (kind === undefined || outcome.kind === kind) &&
    (listenerId === undefined || outcome.listenerId === listenerId) &&
    (idempotencyKey === undefined || outcome.message.idempotencyKey === idempotencyKey) &&
    (destination === undefined || outcome.message.destination === destination);
}

/** Whether a message was sent to a destination, or to several with this one among them. */
export function wasSentTo(destination: string): SentPredicate {
  const wanted = canonicalDestination(destination);
  return (sent) => sent.destination.split(',').includes(wanted);
}

/** `orders` is `queue://orders`. */
function canonicalDestination(text: string): string {
  return parseDestinations(text).map(formatDestination).join(',');
}
