import type { ConnectionLogger } from '../connection/connection-settings.js';
import { BrokerError, ConnectionClosedError, IllegalFrameError } from '../errors/index.js';
import { formatDestination, type JmsDestination } from '../message/destination.js';
import type { JmsMessage } from '../message/jms-message.js';
import { isCopyable } from '../message/message-copy.js';
import { MESSAGE_HEADERS } from '../message/message-headers.js';
import { withIds } from '../message/selector-text.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import { deadLetterHeaders } from './dead-letter/dead-letter-message.js';
import type { DeadLetterStrategy, DeadLetterTarget, DurableSubscriber } from './dead-letter/dead-letter-strategy.js';
import type { DeadLetterStrategyLookup } from './dead-letter/dead-letter-strategy-map.js';
import { isDeadLetterQueue } from './dead-letter-queue.js';
import type { FailureRecord, Verdict } from './delivery-memory.js';
import type { DeliveryOutcome, DeliveryOutcomeKind } from './delivery-outcome.js';
import { toErrorStack, toErrorText, toLogText } from './error-text.js';
import type { InFlightMessage } from './in-flight-message.js';
import { deferralsBefore, firstFailureBefore, isNonPersistent, receivedFrom } from './received-message.js';
import { scheduledCopyHeaders } from './scheduled-copy.js';
import { NO_SETTLEMENTS, type SettlementCounts } from './settlement-counts.js';

/** What a {@link Settlement} works with. */
export interface SettlementSettings {
  readonly listenerId: string;
  readonly logger: ConnectionLogger;
  readonly deadLetterStrategy: DeadLetterStrategyLookup;
  /** The listener's durable subscription. */
  readonly subscriber?: DurableSubscriber;
  /** Name of the application, for dead letters. */
  readonly application?: string;
  /** Sends a message and resolves when the broker has stored it, through failovers. */
  readonly send: (headers: OutgoingHeaders, body: Buffer) => Promise<unknown>;
  /** Looks at the messages of a queue that a selector chooses. */
  readonly browse: (queue: JmsDestination, selector: string) => AsyncIterable<StompFrame>;
  /** Told what became of each delivery. */
  readonly onOutcome?: (outcome: DeliveryOutcome) => void;
}

/**
 * How the attempt to dead-letter a message ended; `discarded`: acknowledged, which the broker does not confirm; `stale`: its delivery is void;
 * `lost`: the broker did not answer, and has done all or nothing; `rejection-lost`: it may have made the dead letter and not removed the message;
 * `refused`: nothing has happened.
 */
export type DeadLetterEnd = 'settled' | 'discarded' | 'stale' | 'lost' | 'rejection-lost' | 'refused';

/** A dead letter that took so many connections with it is rejected instead: the broker moves it without a frame that it may not take. */
const MOST_LOST_DEAD_LETTERS = 5;

/** Carries out, logs and counts the fate of every message of one listener: the only place that tells the broker. */
export class Settlement {
  readonly #settings: SettlementSettings;
  readonly #logger: ConnectionLogger;
  readonly #counts: { -readonly [Name in keyof SettlementCounts]: number } = { ...NO_SETTLEMENTS };

  constructor(settings: SettlementSettings) {
    this.#settings = settings;
    this.#logger = settings.logger;
  }

  /** The counts so far. */
  get counts(): SettlementCounts {
    return { ...this.#counts };
  }

  /** The handler succeeded. Without its connection the acknowledgement waits for the broker to deliver the message again. */
  acknowledge(inFlight: InFlightMessage, more: Pick<DeliveryOutcome, 'reason' | 'error'> = {}): void {
    if (!writeAck(inFlight)) {
      this.#logger.debug(`${this.#subject(inFlight)} was handled, but its connection is gone: a redelivery here is acknowledged unhandled`);
    }
    this.acknowledged(inFlight, more);
  }

  /** The acknowledgement was part of a transaction that is committed. */
  acknowledged(inFlight: InFlightMessage, more: Pick<DeliveryOutcome, 'reason' | 'error'> = {}): void {
    this.#count('acknowledged');
    if (more.reason !== undefined)
      this.#logger.warn(`${this.#subject(inFlight)} is acknowledged, ${more.reason}: ${toErrorText(more.error)}`);
    this.#tell('acknowledged', inFlight, inFlight.message.deliveryCount, more);
  }

  /** The message was handled before. */
  acknowledgeDuplicate(inFlight: InFlightMessage, reason = 'handled here before'): void {
    this.#count('duplicates');
    writeAck(inFlight);
    this.#logger.debug(`${this.#subject(inFlight)} is acknowledged without handling it again: ${toLogText(reason)}`);
    this.#tell('duplicate', inFlight, 0, { reason });
  }

  /** The attempt failed and another one follows. */
  retry(inFlight: InFlightMessage, attempt: number, maximumRedeliveries: number, delay: number | undefined, error: unknown): void {
    this.#count('redeliveries');
    const of = maximumRedeliveries === -1 ? '' : ` of ${maximumRedeliveries + 1}`;
    const next = delay === undefined ? 'the broker redelivers it' : `next in ${delay} ms`;
    this.#logger.warn(`${this.#subject(inFlight)} failed, attempt ${attempt}${of}, ${next}: ${toErrorText(error)}`);
    this.#tell('retrying', inFlight, attempt, { error, delay });
  }

  /**
   * Has the broker's scheduler bring a copy of the message back: the copy is confirmed first, then the message acknowledged, so that a death in
   * between leaves two with one `idempotencyKey`, never none.
   *
   * @param failures made so far; `undefined` leaves the copy's count as it is, and counts a deferral
   * @returns false when the copy was not confirmed: the message is still ours
   */
  async schedule(
    inFlight: InFlightMessage,
    delay: number,
    failures?: { readonly attempts: number; readonly record: FailureRecord },
  ): Promise<boolean> {
    const { message } = inFlight;
    if (!isCopyable(message)) return false;
    const counted: OutgoingHeaders = failures
      ? {
          [MESSAGE_HEADERS.deliveryCount]: String(failures.attempts),
          [MESSAGE_HEADERS.firstFailedAt]: String(firstFailureBefore(message) ?? failures.record.firstFailedAt ?? Date.now()),
          [MESSAGE_HEADERS.lastFailedAt]: String(failures.record.lastFailedAt ?? Date.now()),
          // ActiveMQ counts on from here, so that selectors and Java peers see the true number.
          JMSXDeliveryCount: String(failures.attempts + 1),
        }
      : { [MESSAGE_HEADERS.deferrals]: String(deferralsBefore(message) + 1) };
    try {
      await this.#settings.send(scheduledCopyHeaders(message, delay, counted), message.body);
    } catch (error) {
      this.#logger.warn(`${this.#subject(inFlight)} could not be scheduled, it waits here instead: ${toErrorText(error)}`);
      return false;
    }
    writeAck(inFlight);
    return true;
  }

  /** The message was scheduled because somebody else is handling it. */
  deferred(inFlight: InFlightMessage, delay: number, reason: string): void {
    this.#count('deferred');
    this.#logger.debug(`${this.#subject(inFlight)} comes back in ${delay} ms: ${toLogText(reason)}`);
    this.#tell('deferred', inFlight, inFlight.message.deliveryCount - 1, { reason, delay });
  }

  /** Has the broker's `redeliveryPlugin` bring the message back. */
  rejectForRedelivery(inFlight: InFlightMessage): Promise<DeadLetterEnd> {
    return this.#reject(inFlight);
  }

  /**
   * After a rejection that was not answered: ActiveMQ makes the dead letter first and removes the message then, so that one that dies in between
   * delivers again what lies in its dead letter queue already. That is acknowledged here.
   *
   * @returns whether there is a dead letter; `undefined` when the broker does not say
   */
  async findDeadLetter(inFlight: InFlightMessage, attempts: number): Promise<boolean | undefined> {
    const { message } = inFlight;
    const destination = receivedFrom(message);
    // Copies for other subscribers of a topic have the same id.
    if (destination.type !== 'queue') return false;
    try {
      for (const queue of this.#settings.deadLetterStrategy(destination).brokerQueuesFor(destination, this.#settings.subscriber)) {
        if (!(await this.#holdsCopyOf(message, queue))) continue;
        writeAck(inFlight);
        this.#deadLettered(
          inFlight,
          attempts,
          { reason: 'by a rejection that the broker did not live to confirm', error: undefined },
          queue,
        );
        return true;
      }
      return false;
    } catch (error) {
      this.#logger.debug(`${this.#subject(inFlight)}: whether it is a dead letter already is not known: ${toErrorText(error)}`);
      return undefined;
    }
  }

  /** Gives the message to the dead-letter strategy. */
  async deadLetter(inFlight: InFlightMessage, attempts: number, record: FailureRecord, verdict: Verdict): Promise<DeadLetterEnd> {
    const { message } = inFlight;
    const destination = receivedFrom(message);
    const strategy = this.#settings.deadLetterStrategy(destination);
    const target = strategy.targetFor(destination, this.#settings.subscriber);
    const dropped = whyDropped(strategy, target, message, verdict);
    if (target === 'discard' || dropped !== undefined) {
      this.discard(inFlight, attempts, verdict.reason, verdict.error, dropped);
      return 'discarded';
    }
    if (isDeadLetterQueue(message.destination) || (target !== 'broker' && formatDestination(target) === message.destination)) {
      if (!verdict.isExpired) return this.#keep(inFlight, verdict);
      this.discard(inFlight, attempts, 'it already is a dead letter, and expired', verdict.error);
      return 'discarded';
    }
    const isRejected = target === 'broker' || !isCopyable(message) || (record.lostDeadLetters ?? 0) >= MOST_LOST_DEAD_LETTERS;
    const end = await (isRejected ? this.#reject(inFlight) : this.#replace(inFlight, target, strategy, attempts, record, verdict));
    if (end === 'settled') this.#deadLettered(inFlight, attempts, verdict, isRejected ? undefined : target);
    return end;
  }

  /**
   * Acknowledges a message that was not handled.
   *
   * @param why there is no dead letter of it, for the log
   */
  discard(inFlight: InFlightMessage, attempts: number, reason: string, error: unknown, why?: string): void {
    this.#count('discarded');
    writeAck(inFlight);
    const drop = why === undefined ? '' : `; ${why}`;
    const last = error === undefined ? '' : `: ${toErrorText(error)}`;
    this.#logger.error(
      `${this.#subject(inFlight)} is discarded after ${times(attempts)}, ${toLogText(reason)}${drop}${last}`,
      toErrorStack(error),
    );
    this.#tell('discarded', inFlight, attempts, { reason, error });
  }

  /** Nothing was decided: the broker delivers the message again. */
  release(inFlight: InFlightMessage, why: string): void {
    this.#count('released');
    this.#logger.debug(`${this.#subject(inFlight)} goes back to the broker: ${toLogText(why)}`);
    this.#tell('released', inFlight, inFlight.message.deliveryCount, { reason: why });
  }

  /** A handler failed after it had decided its message's fate: the decision stands. */
  failedAfterDecision(inFlight: InFlightMessage, error: unknown): void {
    this.#logger.error(`${this.#subject(inFlight)} was already decided when its handler failed: ${toErrorText(error)}`);
  }

  /** Something about a message that an operator should see, and that decides nothing. */
  warn(inFlight: InFlightMessage, text: string): void {
    this.#logger.warn(`${this.#subject(inFlight)} ${text}`);
  }

  async #holdsCopyOf({ messageId, headers }: JmsMessage, queue: JmsDestination): Promise<boolean> {
    for await (const copy of this.#settings.browse(queue, withIds([messageId]))) {
      // Copies that a virtual topic or a composite destination made have the same id, too.
      if (copy.headers['original-destination'] === headers['destination']) return true;
    }
    return false;
  }

  /** A dead letter that failed stays where it is: a NACK on a dead letter queue destroys the message. */
  #keep(inFlight: InFlightMessage, { reason, error }: Verdict): 'settled' {
    this.#count('released');
    this.#logger.error(
      `${this.#subject(inFlight)} failed and already is a dead letter: it stays unacknowledged here, and goes back to its queue when this listener stops: ${error === undefined ? toLogText(reason) : toErrorText(error)}`,
    );
    this.#tell('kept', inFlight, inFlight.message.deliveryCount, { reason: 'it already is a dead letter', error });
    return 'settled';
  }

  async #replace(
    inFlight: InFlightMessage,
    target: JmsDestination,
    { expiration }: DeadLetterStrategy,
    attempts: number,
    record: FailureRecord,
    verdict: Verdict,
  ): Promise<DeadLetterEnd> {
    const { listenerId, application } = this.#settings;
    const headers = deadLetterHeaders(inFlight.message, target, { listenerId, application, attempts, record, verdict, expiration });
    try {
      return (await inFlight.delivery.replaceWith(headers, inFlight.message.body)) ? 'settled' : 'stale';
    } catch (error) {
      // With our headers it is a frame that no broker takes; the broker itself moves it without them.
      if (error instanceof IllegalFrameError) return this.#reject(inFlight);
      return this.#notConfirmed(inFlight, `the dead letter to ${formatDestination(target)}`, error);
    }
  }

  async #reject(inFlight: InFlightMessage): Promise<DeadLetterEnd> {
    try {
      return (await inFlight.delivery.reject()) ? 'settled' : 'stale';
    } catch (error) {
      return this.#notConfirmed(inFlight, 'its rejection', error) === 'lost' ? 'rejection-lost' : 'refused';
    }
  }

  #notConfirmed(inFlight: InFlightMessage, what: string, error: unknown): 'lost' | 'refused' {
    const isRefused = error instanceof BrokerError;
    const log = isRefused ? 'error' : 'warn';
    this.#logger[log](`${this.#subject(inFlight)}: the broker ${isRefused ? 'refused' : 'did not confirm'} ${what}: ${toErrorText(error)}`);
    return isRefused ? 'refused' : 'lost';
  }

  #deadLettered(inFlight: InFlightMessage, attempts: number, { reason, error }: Verdict, target: JmsDestination | undefined): void {
    this.#count('deadLettered');
    const where = target === undefined ? 'by the broker' : `to ${toLogText(formatDestination(target))}`;
    const last = error === undefined ? '' : `: ${toErrorText(error)}`;
    this.#logger.error(
      `${this.#subject(inFlight)} is dead-lettered ${where} after ${times(attempts)}, ${toLogText(reason)}${last}`,
      toErrorStack(error),
    );
    const deadLetterDestination = target && formatDestination(target);
    this.#tell('dead-lettered', inFlight, attempts, { reason, error, deadLetterDestination });
  }

  #count(name: keyof SettlementCounts): void {
    this.#counts[name]++;
  }

  #tell(
    kind: DeliveryOutcomeKind,
    { message }: InFlightMessage,
    attempts: number,
    more: Pick<DeliveryOutcome, 'reason' | 'error' | 'delay' | 'deadLetterDestination'> = {},
  ): void {
    this.#settings.onOutcome?.({ kind, listenerId: this.#settings.listenerId, message, attempts, ...more });
  }

  #subject({ message }: InFlightMessage): string {
    return `Listener '${this.#settings.listenerId}': message ${toLogText(message.messageId)} of ${toLogText(message.destination)}`;
  }
}

/** Why there is to be no dead letter; `undefined` when there is. What the broker is asked to dead-letter is the broker's to drop. */
function whyDropped(
  strategy: DeadLetterStrategy,
  target: DeadLetterTarget,
  message: JmsMessage,
  { isExpired = false }: Verdict,
): string | undefined {
  if (target === 'discard') return 'its strategy has no dead letters';
  if (isExpired && !strategy.processExpired) return '`processExpired` of its strategy is false';
  if (target === 'broker' || strategy.processNonPersistent || !isNonPersistent(message)) return undefined;
  return 'it is not persistent, and `processNonPersistent` of its strategy is false';
}

function times(attempts: number): string {
  return `${attempts} attempt${attempts === 1 ? '' : 's'}`;
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
