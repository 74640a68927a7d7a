import { ActiveMqConnection } from 'nestjs-activemq';

import { forEachNumber } from '../concurrency/for-each-number.js';
import { type DemoConsumer, KillableConsumer, localConsumer } from './demo-consumer.js';
import { type DemoBroker, startDemoApplication } from './demo.module.js';
import { DemoProducer } from './demo.producer.js';
import { type DemoCounts, type DemoSettings, demoText } from './demo-protocol.js';
import { DemoTally } from './demo-tally.js';
import { ProgressWatch } from './progress-watch.js';
import { RecoveryClock } from './recovery-clock.js';

/** Sends that are under way at the same time; the template's own window is as large. */
const CONCURRENT_SENDS = 256;
/** ms without any progress after which the run has failed; longer than a send takes to fail. */
const STALL_TIMEOUT = 75_000;
/** ms without a handler run after which nothing is expected any more. */
const QUIET = 500;

/** The world around a run. */
export interface DemoSurroundings {
  /** Kills the master; resolves with the moment of it, in ms since 1970. */
  readonly killMaster: () => Promise<number>;
  /** Told of each handled message, in runs small enough to read. */
  readonly onHandled?: (text: string) => void;
  /** Told what happens besides. */
  readonly onNote: (text: string) => void;
}

/** One bounded run: sends N, consumes N, kills who is to be killed in the middle, counts. */
export class DemoRun {
  readonly tally: DemoTally;
  readonly #watch: ProgressWatch;
  readonly #clock = new RecoveryClock();
  readonly #giveUp = new AbortController();
  #failovers = 0;
  #interruptions = 0;
  #sendProblem: string | undefined;
  #consumer: DemoConsumer | undefined;

  constructor(
    private readonly settings: DemoSettings,
    private readonly broker: DemoBroker,
    private readonly surroundings: DemoSurroundings,
  ) {
    this.tally = new DemoTally(settings.messages);
    this.#watch = new ProgressWatch(this.tally, STALL_TIMEOUT);
  }

  /** The counts so far. */
  get counts(): DemoCounts {
    const { sent, confirmed, consumed, unique, duplicates, lost } = this.tally.counts;
    const deadLettered = this.#consumer?.deadLettered ?? 0;
    const failovers = this.#failovers;
    return { sent, confirmed, consumed, unique, duplicates, lost, deadLettered, failovers, recoveryMs: this.#clock.recoveries };
  }

  /** Resolves when all is over, with what went wrong, if anything did. */
  async run(): Promise<string | undefined> {
    const { queue, killConsumer } = this.settings;
    const sink = killConsumer ? undefined : (number: number) => this.#handled(number, Date.now());
    const application = await startDemoApplication({ broker: this.broker, queue, sink });
    try {
      this.#observe(application.get(ActiveMqConnection));
      const killable = killConsumer ? await KillableConsumer.start(queue, (number, at) => this.#handled(number, at)) : undefined;
      this.#consumer = killable ?? localConsumer(application);
      await this.#sendAndConsume(application.get(DemoProducer), killable);
      return this.#sendProblem;
    } catch (error) {
      this.#giveUp.abort();
      return error instanceof Error ? error.message : String(error);
    } finally {
      await this.#consumer?.stop();
      await application.close();
    }
  }

  async #sendAndConsume(producer: DemoProducer, killable: KillableConsumer | undefined): Promise<void> {
    const { messages, rate } = this.settings;
    const kills = this.#kills(killable);
    const send = async (number: number) => {
      // Held back until the kills are done: so every run, however short, has something to live through.
      if (number === messages) await kills;
      await this.#send(producer, number);
    };
    const sending = forEachNumber(messages, send, { concurrency: CONCURRENT_SENDS, rate, signal: this.#giveUp.signal });
    await Promise.all([kills, sending]);
    await this.#watch.until('every confirmed message is handled', () => this.tally.counts.lost === 0);
    await this.#watch.quiet(QUIET);
  }

  async #send(producer: DemoProducer, number: number): Promise<void> {
    this.tally.sending();
    try {
      await producer.send(number);
      this.tally.confirmed(number);
    } catch (error) {
      this.#sendProblem ??= `Not every send was confirmed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #handled(number: number, at: number): void {
    this.#clock.handled(at);
    this.tally.handled(number);
    this.surroundings.onHandled?.(demoText(number));
  }

  #observe(connection: ActiveMqConnection): void {
    connection.on('interrupted', ({ brokerUri }) => {
      this.#interruptions++;
      this.#clock.lost(Date.now());
      this.tally.emit('change');
      this.surroundings.onNote(`Lost ${brokerUri}`);
    });
    connection.on('resumed', ({ brokerUri, interruptedFor }) => {
      this.#failovers++;
      this.#clock.resumed();
      this.tally.emit('change');
      this.surroundings.onNote(`Resumed on ${brokerUri} after ${Math.round(interruptedFor)} ms`);
    });
  }

  /** Kills in the middle, one after the other: the master when half is handled, the consumer then or, after the master, at three quarters. */
  async #kills(killable: KillableConsumer | undefined): Promise<void> {
    const { messages, killMaster } = this.settings;
    const half = Math.floor(messages / 2);
    if (killMaster) {
      await this.#untilHandled(half);
      const before = this.#interruptions;
      this.#clock.killed(await this.surroundings.killMaster());
      await this.#watch.until('the connection notices that the master is gone', () => this.#interruptions > before);
    }
    if (!killable) return;
    await this.#untilHandled(killMaster ? Math.floor((messages * 3) / 4) : half);
    this.#clock.killed(await killable.kill());
    this.#clock.lost(Date.now());
    this.#clock.resumed();
    this.surroundings.onNote('Killed the consumer; starting it again');
    await killable.restart();
  }

  #untilHandled(count: number): Promise<void> {
    return this.#watch.until(`${count} messages are handled`, () => this.tally.counts.unique >= count);
  }
}
