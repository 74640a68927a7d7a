import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import { toErrorText } from '../errors/error-text.js';
import type { JmsListenerContainer } from '../listener/jms-listener-container.js';
import type { SentMessage } from '../template/sent-messages.js';

/** An error shows the last ones: what came long before helps nobody. */
const SHOWN = 10;

/** What was seen of outcomes, for the error of a wait that took too long. */
export function describeOutcomes(outcomes: readonly DeliveryOutcome[]): string {
  return list(outcomes.map(describeOutcome));
}

/** What was seen of sent messages. */
export function describeSent(sent: readonly SentMessage[]): string {
  return list(sent.map(({ destination, idempotencyKey }) => `${destination} (${idempotencyKey})`));
}

/** Who listens where. */
export function describeListeners(containers: readonly JmsListenerContainer[]): string {
  if (containers.length === 0) return 'The application has no listeners';
  return `Listeners: ${containers.map(({ id, destination, state }) => `${id} on ${destination} (${state})`).join(', ')}`;
}

/** The messages whose last outcome is `retrying`. */
export function retryingOutcomes(outcomes: readonly DeliveryOutcome[]): readonly DeliveryOutcome[] {
  const last = new Map(outcomes.map((outcome) => [`${outcome.listenerId} ${outcome.message.messageId}`, outcome]));
  return [...last.values()].filter(({ kind }) => kind === 'retrying');
}

function describeOutcome({ kind, listenerId, message, attempts, reason, delay, error }: DeliveryOutcome): string {
  const next = delay === undefined ? '' : `, next in ${delay} ms`;
  const why = reason === undefined ? '' : `, ${reason}`;
  const thrown = error === undefined ? '' : `: ${toErrorText(error)}`;
  return `${listenerId}: ${message.destination} ${kind}, attempt ${attempts}${next}${why}${thrown}`;
}

function list(lines: readonly string[]): string {
  if (lines.length === 0) return 'nothing';
  const earlier = lines.length > SHOWN ? [`${lines.length - SHOWN} earlier ones`] : [];
  return [...earlier, ...lines.slice(-SHOWN)].join('; ');
}
