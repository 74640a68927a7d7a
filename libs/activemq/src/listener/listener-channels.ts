import { within } from '../connection/within.js';
import type { PlannedChannel } from './channel-plan.js';
import type { ListenerChannel } from './listener-channel.js';

/** ms that a resize waits for the handlers of channels that are not needed any more, as long as others wait for a prefetch that follows. */
const LONGEST_RETIREMENT = 10_000;

/** What {@link ListenerChannels} works with. */
export interface ListenerChannelsSettings {
  readonly create: (plan: PlannedChannel) => ListenerChannel;
  /** A channel was added. */
  readonly onJoined: (channel: ListenerChannel) => void;
  /** Ends the subscription of a channel whose handlers have ended; does not throw. */
  readonly unsubscribe: (channel: ListenerChannel) => Promise<void>;
}

/** The subscriptions of one listener, whose number follows its concurrency in `transacted` mode. */
export class ListenerChannels {
  readonly #settings: ListenerChannelsSettings;
  #active: readonly ListenerChannel[];
  /** Those that a smaller concurrency has no use for, until their handlers have ended. */
  readonly #leaving = new Set<ListenerChannel>();

  constructor(plan: readonly PlannedChannel[], settings: ListenerChannelsSettings) {
    this.#settings = settings;
    this.#active = plan.map((planned) => settings.create(planned));
  }

  /** Those that take messages, when the listener does. */
  get active(): readonly ListenerChannel[] {
    return this.#active;
  }

  /** Those that take messages, and those that only finish what they have. */
  get all(): readonly ListenerChannel[] {
    return [...this.#active, ...this.#leaving];
  }

  /** Lets all of them take no messages until the promise resolves. */
  suspend(until: Promise<void>, reason: string): void {
    for (const channel of this.all) channel.suspend(until, reason);
  }

  /** The sum over all of them. */
  sum(count: (channel: ListenerChannel) => number): number {
    return this.all.reduce((total, channel) => total + count(channel), 0);
  }

  /**
   * Follows another plan: slots change at once, prefetches when no handler runs.
   *
   * @returns whether every prefetch has followed, and what is not needed any more has ended; if not, that ends by itself with its handler
   */
  async resize(plan: readonly PlannedChannel[]): Promise<boolean> {
    const [kept, surplus] = [this.#active.slice(0, plan.length), this.#active.slice(plan.length)];
    const added = plan.slice(kept.length).map((planned) => this.#settings.create(planned));
    this.#active = [...kept, ...added];
    for (const channel of added) this.#settings.onJoined(channel);
    const resized = kept.map((channel, index) => channel.resize(plan[index]!));
    const retired = within(LONGEST_RETIREMENT, Promise.all(surplus.map((channel) => this.#retire(channel))));
    return (await Promise.all([...resized, retired])).every(Boolean);
  }

  /** Lets go of the connection; stop them first. */
  dispose(): void {
    for (const channel of this.all) channel.dispose();
  }

  async #retire(channel: ListenerChannel): Promise<void> {
    this.#leaving.add(channel);
    await channel.drained();
    await this.#settings.unsubscribe(channel);
    channel.dispose();
    this.#leaving.delete(channel);
  }
}
