import type { ConnectionLogger } from '../connection/connection-settings.js';
import { within } from '../connection/within.js';
import type { DeliverySlots } from '../delivery/delivery-slots.js';
import { toErrorText } from '../errors/error-text.js';

/** ms that a renewal waits for handlers to end, while no other one starts. */
const LONGEST_RENEWAL = 10_000;
/** ms after which a renewal that came to nothing is tried again, the first time: twice as long each time, since each try holds up others. */
const SHORTEST_PAUSE = 60_000;
const LONGEST_PAUSE = 16 * 60_000;

/** What a {@link ChannelRenewal} works with. */
export interface ChannelRenewalSettings {
  readonly listenerId: string;
  readonly logger: ConnectionLogger;
  readonly slots: Pick<DeliverySlots, 'postpone' | 'resume' | 'idle' | 'undecided'>;
  /** Whether the session has to be left, because of what the broker keeps for the subscriptions. */
  readonly isLeaking: () => boolean;
  /** Leaves the session within so many ms; false when that would harm somebody now. */
  readonly leaveSession: (timeout: number) => Promise<boolean>;
  /** Ends the subscriptions and makes them anew. */
  readonly resubscribe: () => Promise<void>;
}

/** Makes the subscriptions of a channel anew when nothing of it runs. */
export class ChannelRenewal {
  readonly #settings: ChannelRenewalSettings;
  #isRunning = false;
  #notBefore = 0;
  #pause = SHORTEST_PAUSE;
  #last: Promise<boolean> = Promise.resolve(true);
  #isOutdated = false;

  constructor(settings: ChannelRenewalSettings) {
    this.#settings = settings;
  }

  /** Resolves when the subscriptions are as they should be; false when that came to nothing for now. */
  get upToDate(): Promise<boolean> {
    return this.#isOutdated ? this.#last : Promise.resolve(true);
  }

  /** The subscriptions were made with other headers, or not, when they are not made yet. */
  setOutdated(isOutdated: boolean): void {
    this.#isOutdated = isOutdated;
    this.beginIfDue();
  }

  /** Makes them anew if they are outdated or leak, and a renewal has not failed just before. */
  beginIfDue(): void {
    const isDue = performance.now() >= this.#notBefore && (this.#isOutdated || this.#settings.isLeaking());
    if (isDue && !this.#isRunning) this.#last = this.#renew();
  }

  /** Makes them anew in any case: what they hold is given back. */
  begin(): void {
    this.#isOutdated = true;
    if (!this.#isRunning) this.#last = this.#renew();
  }

  /** What waits for a manual decision would lose its acknowledgement: then it is tried again later. False when it came to nothing. */
  async #renew(): Promise<boolean> {
    const { listenerId, logger, slots } = this.#settings;
    this.#isRunning = true;
    slots.postpone('renewing');
    try {
      // Others would get what still runs: ActiveMQ gives back at once what an ended subscription has not acknowledged.
      const isIdle = await within(LONGEST_RENEWAL, slots.idle());
      const isRenewed = isIdle && slots.undecided === 0 && (await this.#makeAnew());
      if (isRenewed) this.#pause = SHORTEST_PAUSE;
      else this.#postpone();
      return isRenewed;
    } catch (error) {
      // Without an answer the session has ended, and its successor subscribes anew.
      logger.debug(`Listener '${listenerId}': its subscription could not be renewed: ${toErrorText(error)}`);
      return true;
    } finally {
      this.#isRunning = false;
      slots.resume('renewing');
    }
  }

  #postpone(): void {
    const { listenerId, logger, isLeaking } = this.#settings;
    this.#notBefore = performance.now() + this.#pause;
    // Once may be bad luck; and it is said once.
    if (this.#pause === 2 * SHORTEST_PAUSE && isLeaking()) {
      logger.warn(
        `Listener '${listenerId}': the broker keeps the messages that were dead-lettered until their connection ends, and it cannot be renewed: a handler of some listener on it runs for longer than ${LONGEST_RENEWAL} ms, or a message waits for a manual decision; it is tried again`,
      );
    }
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }

  async #makeAnew(): Promise<boolean> {
    const { isLeaking, leaveSession, resubscribe } = this.#settings;
    const leaves = isLeaking();
    if (leaves && !(await leaveSession(LONGEST_RENEWAL))) return false;
    this.#isOutdated = false;
    // On a new session they subscribe anew by themselves.
    if (!leaves) await resubscribe();
    return true;
  }
}
