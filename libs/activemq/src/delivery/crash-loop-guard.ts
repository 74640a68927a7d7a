import type { ConnectionLogger } from '../connection/connection-settings.js';
import type { DeliveringSubscription } from '../connection/incoming-delivery.js';
import { withIds } from '../message/selector-text.js';
import type { StompFrame } from '../stomp/frame.js';
import { findCount } from './find-count.js';
import type { InFlightMessage } from './in-flight-message.js';
import { toErrorText } from '../errors/error-text.js';
import { attemptsBefore } from './received-message.js';

/** Looks at a queue without taking its messages. */
type QueueBrowser = (selector: string, limit: number, signal: AbortSignal) => AsyncIterable<StompFrame>;

/** What a {@link CrashLoopGuard} works with. */
export interface CrashLoopGuardSettings {
  readonly listenerId: string;
  readonly logger: ConnectionLogger;
  /** Attempts after the first one that a message gets. */
  readonly maximumRedeliveries: number;
  readonly browse: QueueBrowser;
}

/** Why a message must not be handled. */
export interface Unfitness {
  readonly reason: string;
  /** How often it was tried, by processes that did not live to tell. */
  readonly attempts: number;
}

/** A message that has come back so often may have been in a process that died, or in a few that were deployed anew: nothing to look into yet. */
const UNREMARKABLE_DELIVERIES = 2;

/**
 * Keeps a message that kills its process from killing it for ever. Over STOMP no message tells its delivery count, but selectors see it:
 * `JMSXDeliveryCount` grows with each consumer that ends without having acknowledged the message.
 *
 * It grows for all messages that the dead process held. So when the queue holds some that came back repeatedly, those that come back after the
 * start are handled one at a time: should the process die of one, its count alone grows. When it has ended so many consumers more than any
 * other message of the queue as there are attempts, it is dead-lettered without being handled.
 *
 * It is over with the first message that has never been delivered before: ActiveMQ delivers all that came back before those, but not in their
 * old order, so that others may stand in front of the one that kills.
 */
export class CrashLoopGuard {
  readonly #settings: CrashLoopGuardSettings;
  readonly #stopped = new AbortController();
  /** By message that came back: what has delivered it here. */
  readonly #deliveredBy = new Map<string, Set<DeliveringSubscription>>();
  #isArmed = false;
  #isOver = false;
  /** The highest count of a message that was let through: this process is still here. */
  #survived = 1;

  constructor(settings: CrashLoopGuardSettings) {
    this.#settings = settings;
  }

  /** Resolves with whether messages are to be handled one at a time; `false` too when the broker does not say. */
  async isCalledFor(): Promise<boolean> {
    try {
      this.#isArmed = await this.#any(`JMSXDeliveryCount > ${UNREMARKABLE_DELIVERIES}`);
    } catch (error) {
      this.#settings.logger.debug(
        `Listener '${this.#settings.listenerId}': whether its queue holds messages that end their consumers is not known: ${toErrorText(error)}`,
      );
    }
    return this.#isArmed && !this.#stopped.signal.aborted;
  }

  /** Whether all that came back was seen: from here on nothing is examined. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why a message must not be handled; `undefined`, without a promise, for one that has not come back, and when the guard is over. */
  whyUnfit(inFlight: InFlightMessage): Promise<Unfitness | undefined> | undefined {
    if (!this.#isArmed || this.#isOver) return undefined;
    if (inFlight.message.headers['redelivered'] !== 'true') {
      this.#isOver = true;
      this.#deliveredBy.clear();
      return undefined;
    }
    const subscriptions = this.#deliveredBy.get(inFlight.key) ?? new Set();
    this.#deliveredBy.set(inFlight.key, subscriptions.add(inFlight.delivery.subscription));
    // A scheduled copy is sent with the count of the attempts before it, of which it cannot have more.
    const attempts = Math.min(attemptsBefore(inFlight.message), this.#settings.maximumRedeliveries);
    return this.#examine(inFlight, subscriptions.size - 1 + attempts);
  }

  /** Ends what is being asked, and examines nothing any more. */
  stop(): void {
    this.#isOver = true;
    this.#deliveredBy.clear();
    this.#stopped.abort(new Error('the listener stops'));
  }

  /** @param excused what counts as an ended consumer and is none: connections that this process lost and survived, attempts that failed elsewhere */
  async #examine({ message }: InFlightMessage, excused: number): Promise<Unfitness | undefined> {
    const { listenerId, logger, maximumRedeliveries } = this.#settings;
    const isThis = withIds([message.messageId]);
    const attempts = maximumRedeliveries + 1;
    try {
      const count = await findCount(this.#survived, (least) => this.#any(`${isThis} AND JMSXDeliveryCount > ${least}`));
      const deaths = count - excused;
      const returns = deaths - 1;
      // What it takes to blame this message is that nothing else came back about as often: of what was here before it, and of what lies there.
      const isOneOfMany =
        returns < attempts ||
        this.#survived > deaths - attempts ||
        (await this.#any(`NOT (${isThis}) AND JMSXDeliveryCount > ${deaths - attempts}`));
      if (!isOneOfMany) {
        return {
          reason: `it has ended ${returns} consumers, at least ${attempts} more than any other message of its queue`,
          attempts: returns,
        };
      }
      this.#survived = Math.max(this.#survived, deaths);
      return undefined;
    } catch (error) {
      logger.debug(`Listener '${listenerId}': how often message ${message.messageId} came back is not known: ${toErrorText(error)}`);
      return undefined;
    }
  }

  async #any(selector: string): Promise<boolean> {
    for await (const _ of this.#settings.browse(selector, 1, this.#stopped.signal)) return true;
    return false;
  }
}
