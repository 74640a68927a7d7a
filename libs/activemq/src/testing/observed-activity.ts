import type { Subscription } from 'rxjs';

import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import { ConfigurationError } from '../errors/index.js';
import type { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import type { SentMessage, SentMessages } from '../template/sent-messages.js';
import { describeOutcomes, describeSent } from './describe-activity.js';
import { JmsTestTimeoutError } from './jms-test-timeout.error.js';
import type { OutcomePredicate, SentPredicate } from './matches.js';
import { Recorder } from './recorder.js';

/** What a wait is about, for its error. */
export interface AwaitedActivity<Predicate> {
  readonly matches: Predicate;
  /** In words, after "No". */
  readonly what: string;
  /** Default 1. */
  readonly count?: number;
  /** ms. */
  readonly timeout: number;
}

/** What applications under test did: outcomes of deliveries, and messages they sent. */
export class ObservedActivity {
  readonly #outcomes = new Recorder<DeliveryOutcome>();
  readonly #sent = new Recorder<SentMessage>();
  /** What the test published itself was not sent by the code under test. */
  readonly #published = new Set<string>();
  readonly #subscriptions: Subscription[] = [];
  readonly #describeState: () => string;

  /** @param describeState what may explain that nothing happened */
  constructor(describeState: () => string) {
    this.#describeState = describeState;
  }

  get outcomes(): readonly DeliveryOutcome[] {
    return this.#outcomes.items;
  }

  get sent(): readonly SentMessage[] {
    return this.#sent.items;
  }

  /** Observes one more application. */
  attach(registry: JmsListenerEndpointRegistry, sent: SentMessages): void {
    this.#subscriptions.push(
      registry.outcomes$.subscribe((outcome) => this.#outcomes.record(outcome)),
      sent.sent$.subscribe((message) => {
        if (!this.#published.has(message.idempotencyKey)) this.#sent.record(message);
      }),
    );
  }

  /** Observes no longer. */
  detach(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
  }

  /** A message of that key is the test's own. */
  publishes(idempotencyKey: string): void {
    this.#published.add(idempotencyKey);
  }

  /** Calls `observer` for each outcome from now on; the returned function ends that. */
  observe(observer: (outcome: DeliveryOutcome) => void): () => void {
    return this.#outcomes.observe(observer);
  }

  /** @throws JmsTestTimeoutError telling what was seen instead */
  outcomesLike({ matches, what, count = 1, timeout }: AwaitedActivity<OutcomePredicate>): Promise<readonly DeliveryOutcome[]> {
    assertCount(count);
    const explain = () =>
      new JmsTestTimeoutError(
        `No ${what} within ${timeout} ms. Seen instead: ${describeOutcomes(this.outcomes)}. ${this.#describeState()}`,
      );
    return this.#outcomes.wait({ matches, count, timeout, explain });
  }

  /** @throws JmsTestTimeoutError telling what was sent instead */
  sentLike({ matches, what, count = 1, timeout }: AwaitedActivity<SentPredicate>): Promise<readonly SentMessage[]> {
    const explain = () =>
      new JmsTestTimeoutError(
        `No ${what} was sent within ${timeout} ms. Sent instead: ${describeSent(this.sent)}. ${this.#describeState()}`,
      );
    return this.#sent.wait({ matches, count, timeout, explain });
  }

  /** Forgets everything. */
  clear(): void {
    this.#outcomes.clear();
    this.#sent.clear();
    this.#published.clear();
  }
}

function assertCount(count: number): void {
  if (Number.isSafeInteger(count) && count > 0) return;
  throw new ConfigurationError(`A wait for ${count} outcomes: give a whole number above 0`);
}
