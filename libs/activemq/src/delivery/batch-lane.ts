import { AsyncResource } from 'node:async_hooks';

import type { JmsMessage } from '../message/jms-message.js';
import { type BatchHandler, type BatchItemResult, runBatch } from './batch-run.js';
import type { DeliveryTimers } from './delivery-timers.js';

/** ms at least that the messages of a batch wait for one that does not come to the handler with them. */
const LEAST_WAIT = 100;

/** What a {@link BatchLane} works with. */
export interface BatchLaneSettings {
  readonly handler: BatchHandler;
  /** ms that messages wait for the others. */
  readonly timeout: number;
  readonly timers: DeliveryTimers;
  /** Throws for a message that the handler must not see, such as one that cannot be converted. */
  readonly prepare: (message: JmsMessage) => void;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The messages of one batch until each of them is settled. Every message has a delivery process of its own, which decides about it; here the
 * processes meet: what they take for the handler waits until all of them have called it, and then runs once.
 */
export class BatchLane {
  readonly #settings: BatchLaneSettings;
  /** In the order of delivery. */
  readonly #members: Set<JmsMessage>;
  readonly #waiting = new Map<JmsMessage, Waiting>();
  readonly #fire: () => void;
  #running = 0;
  #timer: unknown;

  constructor(members: readonly JmsMessage[], settings: BatchLaneSettings) {
    this.#settings = settings;
    this.#members = new Set(members);
    // Not in the context of the message that happens to come last.
    this.#fire = AsyncResource.bind(() => void this.#run());
  }

  /** Whether every message has left: settled, or waiting for its next attempt elsewhere. */
  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** The handler as the process of one message sees it; ends as the batch ended for this message. */
  async handle(message: JmsMessage): Promise<unknown> {
    this.#settings.prepare(message);
    return new Promise((resolve, reject) => {
      this.#waiting.set(message, { resolve, reject });
      this.#next();
    });
  }

  /** A message's process has ended. */
  left(message: JmsMessage): void {
    this.#members.delete(message);
    this.#next();
  }

  /** Runs the batch when nobody is missing, and else waits a little: what is missing pauses before its next attempt, or is held up. */
  #next(): void {
    if (this.#running > 0 || this.#waiting.size === 0) return;
    const { timers, timeout } = this.#settings;
    if (this.#waiting.size === this.#members.size) this.#fire();
    else this.#timer ??= timers.setTimeout(this.#fire, Math.max(timeout, LEAST_WAIT));
  }

  async #run(): Promise<void> {
    if (this.#timer !== undefined) this.#settings.timers.clearTimeout(this.#timer);
    this.#timer = undefined;
    const round = [...this.#members].filter((message) => this.#waiting.has(message));
    const waiting = round.map((message) => this.#waiting.get(message)!);
    this.#waiting.clear();
    this.#running = round.length;
    const results = await this.#resultsOf(round);
    this.#running = 0;
    for (const [index, { resolve, reject }] of waiting.entries()) {
      const result = results[index]!;
      if (result.isHandled) resolve(undefined);
      else reject(result.error);
    }
    this.#next();
  }

  /** Does not throw: nobody waits for the run, and its messages would wait for it for ever. */
  async #resultsOf(round: readonly JmsMessage[]): Promise<readonly BatchItemResult[]> {
    try {
      return await runBatch(this.#settings.handler, round);
    } catch (error) {
      return round.map(() => ({ isHandled: false, error }));
    }
  }
}
