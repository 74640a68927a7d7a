import type { ConnectionLogger } from '../connection/connection-settings.js';
import { ConnectionClosedError } from '../errors/index.js';
import type { DeliveryOutcome, DeliveryOutcomeKind } from './delivery-outcome.js';
import { toErrorStack, toErrorText, toLogText } from './error-text.js';
import type { InFlightMessage } from './in-flight-message.js';

/** How many messages of one listener met which end. */
export interface SettlementCounts {
  /** Handled and acknowledged. */
  readonly acknowledged: number;
  /** Handled here before: acknowledged without running the handler again. */
  readonly duplicates: number;
  /** Failed attempts that are followed by another one. */
  readonly redeliveries: number;
  /** Rejected: on their way to the broker's dead letter queue. */
  readonly deadLettered: number;
  /** Given back to the broker without a decision: shutdown, or the connection died. */
  readonly released: number;
}

/** Carries out, logs and counts the fate of every message of one listener: the only place that tells the broker. */
export class Settlement {
  readonly #listenerId: string;
  readonly #logger: ConnectionLogger;
  readonly #onOutcome: (outcome: DeliveryOutcome) => void;
  readonly #counts = { acknowledged: 0, duplicates: 0, redeliveries: 0, deadLettered: 0, released: 0 };

  constructor(listenerId: string, logger: ConnectionLogger, onOutcome: (outcome: DeliveryOutcome) => void = () => undefined) {
    this.#listenerId = listenerId;
    this.#logger = logger;
    this.#onOutcome = onOutcome;
  }

  /** The counts so far. */
  get counts(): SettlementCounts {
    return { ...this.#counts };
  }

  /** The handler succeeded. Without its connection the acknowledgement waits for the broker to deliver the message again. */
  acknowledge(inFlight: InFlightMessage): void {
    this.#counts.acknowledged++;
    if (!writeAck(inFlight)) {
      this.#logger.debug(`${this.#subject(inFlight)} was handled, but its connection is gone: a redelivery here is acknowledged unhandled`);
    }
    this.#tell('acknowledged', inFlight, inFlight.message.deliveryCount);
  }

  /** The message was handled here before, and its acknowledgement got lost with a connection. */
  acknowledgeDuplicate(inFlight: InFlightMessage): void {
    this.#counts.duplicates++;
    writeAck(inFlight);
    this.#logger.debug(`${this.#subject(inFlight)} was handled here before: acknowledged without handling it again`);
    this.#tell('duplicate', inFlight, 0, { reason: 'handled here before' });
  }

  /** The attempt failed and another one follows. */
  retry(inFlight: InFlightMessage, attempt: number, maximumRedeliveries: number, delay: number, error: unknown): void {
    this.#counts.redeliveries++;
    const of = maximumRedeliveries === -1 ? '' : ` of ${maximumRedeliveries + 1}`;
    this.#logger.warn(`${this.#subject(inFlight)} failed, attempt ${attempt}${of}, next in ${delay} ms: ${toErrorText(error)}`);
    this.#tell('retrying', inFlight, attempt, { error, delay });
  }

  /** Tells the broker to dead-letter the message; false when its connection is gone, and it will be delivered again. */
  async deadLetter(inFlight: InFlightMessage, attempts: number, reason: string, error: unknown): Promise<boolean> {
    try {
      if (!(await inFlight.delivery.reject())) return false;
    } catch (cause) {
      this.#logger.warn(`${this.#subject(inFlight)} was rejected, but the broker did not confirm it: ${toErrorText(cause)}`);
      return false;
    }
    this.#counts.deadLettered++;
    const last = error === undefined ? '' : `: ${toErrorText(error)}`;
    this.#logger.error(
      `${this.#subject(inFlight)} is dead-lettered after ${attempts} attempt${attempts === 1 ? '' : 's'}, ${reason}${last}`,
      toErrorStack(error),
    );
    this.#tell('dead-lettered', inFlight, attempts, { reason, error });
    return true;
  }

  /** A dead letter that failed stays where it is: a NACK on a dead letter queue destroys the message. */
  keepDeadLetter(inFlight: InFlightMessage, error: unknown): void {
    this.#counts.released++;
    this.#logger.error(
      `${this.#subject(inFlight)} failed and already is a dead letter: it stays unacknowledged here, and goes back to its queue when this listener stops: ${toErrorText(error)}`,
    );
    this.#tell('kept', inFlight, inFlight.message.deliveryCount, { reason: 'it already is a dead letter', error });
  }

  /** Nothing was decided: the broker delivers the message again. */
  release(inFlight: InFlightMessage, why: string): void {
    this.#counts.released++;
    this.#logger.debug(`${this.#subject(inFlight)} goes back to the broker: ${why}`);
    this.#tell('released', inFlight, inFlight.message.deliveryCount, { reason: why });
  }

  /** A handler failed after it had decided its message's fate: the decision stands. */
  failedAfterDecision(inFlight: InFlightMessage, error: unknown): void {
    this.#logger.error(`${this.#subject(inFlight)} was already decided when its handler failed: ${toErrorText(error)}`);
  }

  #tell(
    kind: DeliveryOutcomeKind,
    { message }: InFlightMessage,
    attempts: number,
    more: Pick<DeliveryOutcome, 'reason' | 'error' | 'delay'> = {},
  ): void {
    this.#onOutcome({ kind, listenerId: this.#listenerId, message, attempts, ...more });
  }

  #subject({ message }: InFlightMessage): string {
    return `Listener '${this.#listenerId}': message ${toLogText(message.messageId)} of ${toLogText(message.destination)}`;
  }
}

/** False when the connection is gone, also when its socket ended and nobody has heard of it yet. */
function writeAck(inFlight: InFlightMessage): boolean {
  try {
    return inFlight.delivery.acknowledge();
  } catch (error) {
    if (error instanceof ConnectionClosedError) return false;
    throw error;
  }
}
