import type { BrowseSettings } from '../connection/browse-queue.js';
import { BrokerError, IllegalFrameError, ReceiptTimeoutError } from '../errors/index.js';
import { formatDestination, type JmsDestination } from '../message/destination.js';
import type { JmsMessage } from '../message/jms-message.js';
import { isCopyable } from '../message/message-copy.js';
import { MESSAGE_HEADERS } from '../message/message-headers.js';
import { withIds } from '../message/selector-text.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import { deadLetterHeaders } from './dead-letter/dead-letter-message.js';
import type { DeadLetterStrategy, DurableSubscriber } from './dead-letter/dead-letter-strategy.js';
import type { DeadLetterStrategyLookup } from './dead-letter/dead-letter-strategy-map.js';
import { type DeadLetterPlacement, placementOf, whyDropped } from './dead-letter-placement.js';
import type { FailureRecord, Verdict } from './delivery-memory.js';
import type { DeliveryOutcome } from './delivery-outcome.js';
import { toErrorText } from '../errors/error-text.js';
import type { InFlightMessage } from './in-flight-message.js';
import { deferralsBefore, firstFailureBefore, isNonPersistent, receivedFrom } from './received-message.js';
import { scheduledCopyHeaders } from './scheduled-copy.js';
import type { SettlementReport } from './settlement-report.js';

/** What a {@link Settlement} works with. */
export interface SettlementSettings {
  readonly listenerId: string;
  readonly deadLetterStrategy: DeadLetterStrategyLookup;
  /** The listener's durable subscription. */
  readonly subscriber?: DurableSubscriber;
  /** Name of the application, for dead letters. */
  readonly application?: string;
  /** Sends a message and resolves when the broker has stored it, through failovers. */
  readonly send: (headers: OutgoingHeaders, body: Buffer) => Promise<unknown>;
  /** Looks at the messages of a queue. */
  readonly browse: (queue: JmsDestination, settings: Pick<BrowseSettings, 'selector' | 'limit'>) => AsyncIterable<StompFrame>;
  /** Told what became of each message. */
  readonly report: SettlementReport;
}

/**
 * How the attempt to dead-letter a message ended. It did: `replaced`, by a dead letter of ours; `rejected`, so that the broker's policy decides;
 * `discarded`, acknowledged, which the broker does not confirm; `kept`, unacknowledged, since it is a dead letter already. It did not: `stale`,
 * its delivery is void; `lost` and `unanswered`, the connection ended or the time was over, and the broker has done all or nothing; `rejection-lost`, it may have made the dead letter and not
 * removed the message; `refused`, nothing has happened.
 */
export type DeadLetterEnd = 'replaced' | 'rejected' | 'discarded' | 'kept' | 'stale' | 'lost' | 'unanswered' | 'rejection-lost' | 'refused';

/**
 * A dead letter that took so many connections with it, one after the other, is rejected instead: the broker moves it without a frame that it may
 * not take. So many are no bad luck.
 */
const MOST_LOST_DEAD_LETTERS = 20;

/** Messages of a dead letter queue that are looked through for one. */
const MOST_BROWSED = 10_000;

/** Carries out the fate of every message of one listener: the only place that tells the broker. */
export class Settlement {
  readonly #settings: SettlementSettings;
  readonly #report: SettlementReport;

  constructor(settings: SettlementSettings) {
    this.#settings = settings;
    this.#report = settings.report;
  }

  /** What became of the messages so far, and where it is told. */
  get report(): SettlementReport {
    return this.#report;
  }

  /** The handler succeeded. Without its connection the acknowledgement waits for the broker to deliver the message again. */
  acknowledge(inFlight: InFlightMessage, more: Pick<DeliveryOutcome, 'reason' | 'error'> = {}): void {
    if (!inFlight.delivery.acknowledge()) {
      this.#report.debug(inFlight, 'was handled, but its connection is gone: a redelivery here is acknowledged unhandled');
    }
    this.#report.acknowledged(inFlight, more);
  }

  /** The message was handled before. */
  acknowledgeDuplicate(inFlight: InFlightMessage, reason = 'handled here before'): void {
    inFlight.delivery.acknowledge();
    this.#report.duplicate(inFlight, reason);
  }

  /**
   * Has the broker's scheduler bring a copy of the message back: the copy is confirmed first, then the message acknowledged, so that a death in
   * between leaves two with one `idempotencyKey`, never none.
   *
   * @param failures made so far; `undefined` leaves the copy's count as it is, and counts a deferral
   * @returns false when there is no confirmed copy: the message is still ours, or the broker's
   */
  async schedule(
    inFlight: InFlightMessage,
    delay: number,
    failures?: { readonly attempts: number; readonly record: FailureRecord },
  ): Promise<boolean> {
    const { message } = inFlight;
    // Of what the broker has taken back a copy would be a second message.
    if (!isCopyable(message) || !inFlight.delivery.isCurrent) return false;
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
      await this.#settings.send(scheduledCopyHeaders(message, delay, counted), message.receivedBody);
    } catch (error) {
      this.#report.warn(inFlight, `could not be scheduled, it waits here instead: ${toErrorText(error)}`);
      return false;
    }
    inFlight.delivery.acknowledge();
    return true;
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
        inFlight.delivery.acknowledge();
        this.#report.deadLettered(
          inFlight,
          attempts,
          { reason: 'by a rejection that the broker did not live to confirm', error: undefined },
          queue,
        );
        return true;
      }
      return false;
    } catch (error) {
      this.#report.debug(inFlight, `may be a dead letter already, the broker does not say: ${toErrorText(error)}`);
      return undefined;
    }
  }

  /** Gives the message to the dead-letter strategy. */
  async deadLetter(inFlight: InFlightMessage, attempts: number, record: FailureRecord, verdict: Verdict): Promise<DeadLetterEnd> {
    const { message } = inFlight;
    let placement;
    try {
      placement = this.#placementOf(message);
    } catch (error) {
      this.#report.error(inFlight, `: its dead letter strategy failed, and is asked again: ${toErrorText(error)}`);
      return 'refused';
    }
    const { strategy, target, isDeadLetter } = placement;
    const dropped = whyDropped(strategy, target, message, verdict);
    if (target === 'discard' || dropped !== undefined) {
      this.discard(inFlight, attempts, verdict.reason, verdict.error, dropped);
      return 'discarded';
    }
    if (isDeadLetter) {
      if (!verdict.isExpired) {
        // It stays where it is: a NACK on a dead letter queue destroys the message.
        this.#report.kept(inFlight, verdict);
        return 'kept';
      }
      this.discard(inFlight, attempts, 'it already is a dead letter, and expired', verdict.error);
      return 'discarded';
    }
    // The broker would drop a rejected message that is not persistent.
    const isHopeless = (record.lostDeadLetters ?? 0) >= MOST_LOST_DEAD_LETTERS && !isNonPersistent(message);
    const isRejected = target === 'broker' || !isCopyable(message) || isHopeless;
    const end = await (isRejected
      ? this.#rejectForGood(inFlight, attempts, verdict)
      : this.#replace(inFlight, target, strategy, attempts, record, verdict));
    if (end === 'replaced' && target !== 'broker') this.#report.deadLettered(inFlight, attempts, verdict, target);
    if (end === 'rejected') this.#report.deadLettered(inFlight, attempts, verdict, undefined);
    return end;
  }

  /**
   * Acknowledges a message that was not handled.
   *
   * @param why there is no dead letter of it, for the log
   */
  discard(inFlight: InFlightMessage, attempts: number, reason: string, error: unknown, why?: string): void {
    inFlight.delivery.acknowledge();
    this.#report.discarded(inFlight, attempts, reason, error, why);
  }

  /** Whether the message is a dead letter already, or nobody can tell: a rejection would destroy it. */
  holdsDeadLetter(inFlight: InFlightMessage): boolean {
    try {
      return this.#placementOf(inFlight.message).isDeadLetter;
    } catch (error) {
      this.#report.error(inFlight, `: its dead letter strategy failed: ${toErrorText(error)}`);
      return true;
    }
  }

  #placementOf(message: JmsMessage): DeadLetterPlacement {
    const { deadLetterStrategy, subscriber } = this.#settings;
    return placementOf(receivedFrom(message), deadLetterStrategy, subscriber);
  }

  async #holdsCopyOf({ messageId, headers }: JmsMessage, queue: JmsDestination): Promise<boolean> {
    const { browse } = this.#settings;
    // With a selector ActiveMQ shows nothing of a queue whose first page has nothing that matches.
    for (const shown of [browse(queue, { selector: withIds([messageId]) }), browse(queue, { limit: MOST_BROWSED })]) {
      for await (const copy of shown) {
        // Copies that a virtual topic or a composite destination made have the same id, too.
        if (copy.headers['message-id'] === messageId && copy.headers['original-destination'] === headers['destination']) return true;
      }
    }
    return false;
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
      return (await inFlight.delivery.replaceWith(headers, inFlight.message.receivedBody)) ? 'replaced' : 'stale';
    } catch (error) {
      // With our headers it is a frame that no broker takes; the broker itself moves it without them.
      if (error instanceof IllegalFrameError) return this.#rejectForGood(inFlight, attempts, verdict);
      return this.#notConfirmed(inFlight, `the dead letter to ${formatDestination(target)}`, error);
    }
  }

  /** The broker makes the dead letter; where it has none to make, the message is gone, and that is said. */
  async #rejectForGood(inFlight: InFlightMessage, attempts: number, verdict: Verdict): Promise<DeadLetterEnd> {
    const { type } = receivedFrom(inFlight.message);
    const hasDeadLetters = type === 'queue' || type === 'temp-queue' || this.#settings.subscriber !== undefined;
    if (hasDeadLetters) return this.#reject(inFlight);
    const why = 'a copy of it cannot be sent, and ActiveMQ has no dead letters for a topic subscription that is not durable';
    this.discard(inFlight, attempts, verdict.reason, verdict.error, why);
    return 'discarded';
  }

  async #reject(inFlight: InFlightMessage): Promise<DeadLetterEnd> {
    try {
      return (await inFlight.delivery.reject()) ? 'rejected' : 'stale';
    } catch (error) {
      return this.#notConfirmed(inFlight, 'its rejection', error) === 'refused' ? 'refused' : 'rejection-lost';
    }
  }

  #notConfirmed(inFlight: InFlightMessage, what: string, error: unknown): 'lost' | 'unanswered' | 'refused' {
    const isRefused = error instanceof BrokerError;
    if (isRefused) this.#report.error(inFlight, `: the broker refused ${what}: ${toErrorText(error)}`);
    else this.#report.warn(inFlight, `: the broker did not confirm ${what}: ${toErrorText(error)}`);
    if (isRefused) return 'refused';
    return error instanceof ReceiptTimeoutError ? 'unanswered' : 'lost';
  }
}
