import type { ManualClock } from '../embedded/broker/manual-clock.js';
import { IllegalStateError } from '../errors/index.js';
import { TestBroker, type TestBrokerOptions } from './test-broker.js';

/** The brokers of one harness, one for each named connection: two real brokers may each have a queue of the same name. */
export class TestBrokers {
  readonly #brokers = new Map<string, TestBroker>();
  readonly #options: TestBrokerOptions;
  readonly #clock: ManualClock | undefined;

  constructor(options: TestBrokerOptions, clock: ManualClock | undefined) {
    this.#options = options;
    this.#clock = clock;
  }

  /** All of them. */
  get all(): readonly TestBroker[] {
    return [...this.#brokers.values()];
  }

  /** The names of the connections whose broker is dead. */
  get dead(): readonly string[] {
    return [...this.#brokers].filter(([, { running }]) => !running).map(([name]) => name);
  }

  /** ms until the scheduler of one of them brings the message of that key; `undefined` when none has it. */
  scheduledIn(idempotencyKey: string): number | undefined {
    const waits = this.all.flatMap((broker) => broker.scheduledIn(idempotencyKey) ?? []);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  /** The broker of a connection, made and started when it is asked for first. */
  async provide(connection: string): Promise<TestBroker> {
    const known = this.#brokers.get(connection);
    if (known) return known;
    const broker = new TestBroker(this.#options, this.#clock);
    this.#brokers.set(connection, broker);
    await broker.start();
    return broker;
  }

  /** @throws IllegalStateError when no application has such a connection, or there is none yet */
  get(connection: string): TestBroker {
    const broker = this.#brokers.get(connection);
    if (broker) return broker;
    const known = [...this.#brokers.keys()].join(', ');
    throw new IllegalStateError(known ? `The application has no connection '${connection}'; the connections are ${known}` : NO_APPLICATION);
  }
}

/** What is wrong when a harness is used too early. */
export const NO_APPLICATION =
  'There is no application yet: compile the module that was given to redirect(), or that imports ActiveMqTestingModule';
