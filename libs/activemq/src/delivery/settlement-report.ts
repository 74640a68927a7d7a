import type { ConnectionLogger } from '../connection/connection-settings.js';
import { formatDestination, type JmsDestination } from '../message/destination.js';
import type { Verdict } from './delivery-memory.js';
import type { DeliveryOutcome, DeliveryOutcomeKind } from './delivery-outcome.js';
import { toErrorStack, toErrorText, toLogText } from '../errors/error-text.js';
import type { InFlightMessage } from './in-flight-message.js';
import { NO_SETTLEMENTS, type SettlementCounts } from './settlement-counts.js';

/** Logs and counts what became of each message of one listener, once, and tells those who asked for it. */
export class SettlementReport {
  readonly #listenerId: string;
  readonly #logger: ConnectionLogger;
  readonly #onOutcome: (outcome: DeliveryOutcome) => void;
  readonly #counts: { -readonly [Name in keyof SettlementCounts]: number } = { ...NO_SETTLEMENTS };

  /** @param onOutcome told what became of each delivery */
  constructor(listenerId: string, logger: ConnectionLogger, onOutcome: (outcome: DeliveryOutcome) => void = () => undefined) {
    this.#listenerId = listenerId;
    this.#logger = logger;
    this.#onOutcome = onOutcome;
  }

  /** The counts so far. */
  get counts(): SettlementCounts {
    return { ...this.#counts };
  }

  /** Handled, and acknowledged: by itself or in a transaction. */
  acknowledged(inFlight: InFlightMessage, more: Pick<DeliveryOutcome, 'reason' | 'error'> = {}): void {
    this.#counts.acknowledged++;
    if (more.reason !== undefined) this.warn(inFlight, `is acknowledged, ${more.reason}: ${toErrorText(more.error)}`);
    this.#tell('acknowledged', inFlight, inFlight.message.deliveryCount, more);
  }

  /** Acknowledged, because it was handled before. */
  duplicate(inFlight: InFlightMessage, reason: string): void {
    this.#counts.duplicates++;
    this.debug(inFlight, `is acknowledged without handling it again: ${toLogText(reason)}`);
    this.#tell('duplicate', inFlight, 0, { reason });
  }

  /**
   * The attempt failed and another one follows.
   *
   * @param delay ms until then; `undefined` when the broker decides
   */
  retrying(inFlight: InFlightMessage, attempt: number, maximumRedeliveries: number, delay: number | undefined, error: unknown): void {
    this.#counts.redeliveries++;
    const of = maximumRedeliveries === -1 ? '' : ` of ${maximumRedeliveries + 1}`;
    const next = delay === undefined ? "rejected for the broker's redeliveryPlugin to redeliver" : `next in ${delay} ms`;
    this.warn(inFlight, `failed, attempt ${attempt}${of}, ${next}: ${toErrorText(error)}`);
    this.#tell('retrying', inFlight, attempt, { error, delay });
  }

  /** Scheduled to come back in `delay` ms, because somebody else is handling it. */
  deferred(inFlight: InFlightMessage, delay: number, reason: string): void {
    this.#counts.deferred++;
    this.debug(inFlight, `comes back in ${delay} ms: ${toLogText(reason)}`);
    this.#tell('deferred', inFlight, inFlight.message.deliveryCount - 1, { reason, delay });
  }

  /** @param target where its dead letter is; `undefined` when the broker decided */
  deadLettered(inFlight: InFlightMessage, attempts: number, { reason, error }: Verdict, target: JmsDestination | undefined): void {
    this.#counts.deadLettered++;
    const where = target === undefined ? 'by the broker' : `to ${toLogText(formatDestination(target))}`;
    this.error(
      inFlight,
      `is dead-lettered ${where} after ${times(attempts)}, ${toLogText(reason)}${lastError(error)}`,
      toErrorStack(error),
    );
    this.#tell('dead-lettered', inFlight, attempts, { reason, error, deadLetterDestination: target && formatDestination(target) });
  }

  /**
   * Acknowledged without having been handled.
   *
   * @param why there is no dead letter of it
   */
  discarded(inFlight: InFlightMessage, attempts: number, reason: string, error: unknown, why?: string): void {
    this.#counts.discarded++;
    const drop = why === undefined ? '' : `; ${why}`;
    this.error(inFlight, `is discarded after ${times(attempts)}, ${toLogText(reason)}${drop}${lastError(error)}`, toErrorStack(error));
    this.#tell('discarded', inFlight, attempts, { reason, error });
  }

  /** Nothing was decided: the broker delivers the message again. */
  released(inFlight: InFlightMessage, why: string): void {
    this.#counts.released++;
    this.debug(inFlight, `goes back to the broker: ${toLogText(why)}`);
    this.#tell('released', inFlight, inFlight.message.deliveryCount, { reason: why });
  }

  /** A dead letter failed: it stays unacknowledged. */
  kept(inFlight: InFlightMessage, { reason, error }: Verdict): void {
    this.#counts.released++;
    const why = error === undefined ? toLogText(reason) : toErrorText(error);
    const where = 'it stays unacknowledged here, and goes back to its queue when this listener stops';
    this.error(inFlight, `failed and already is a dead letter: ${where}: ${why}`);
    this.#tell('kept', inFlight, inFlight.message.deliveryCount, { reason: 'it already is a dead letter', error });
  }

  /** Something that decides nothing and only a developer wants to see. */
  debug(inFlight: InFlightMessage, text: string): void {
    this.#logger.debug(about(this.#listenerId, inFlight, text));
  }

  /** Something that decides nothing and that an operator should see. */
  warn(inFlight: InFlightMessage, text: string): void {
    this.#logger.warn(about(this.#listenerId, inFlight, text));
  }

  /** Something that an operator has to look into. */
  error(inFlight: InFlightMessage, text: string, stack?: string): void {
    this.#logger.error(about(this.#listenerId, inFlight, text), stack);
  }

  #tell(
    kind: DeliveryOutcomeKind,
    { message }: InFlightMessage,
    attempts: number,
    more: Pick<DeliveryOutcome, 'reason' | 'error' | 'delay' | 'deadLetterDestination'>,
  ): void {
    this.#onOutcome({ kind, listenerId: this.#listenerId, message, attempts, ...more });
  }
}

function about(listenerId: string, { message }: InFlightMessage, text: string): string {
  const subject = `Listener '${listenerId}': message ${toLogText(message.messageId)} of ${toLogText(message.destination)}`;
  return text.startsWith(':') ? subject + text : `${subject} ${text}`;
}

function times(attempts: number): string {
  return `${attempts} attempt${attempts === 1 ? '' : 's'}`;
}

function lastError(error: unknown): string {
  return error === undefined ? '' : `: ${toErrorText(error)}`;
}
