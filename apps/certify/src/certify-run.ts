import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { LoggerService } from '@nestjs/common';
import type { Cluster } from 'activemq-cluster';
import type { SendError } from 'nestjs-activemq';

import { CertifyApplication } from './application.js';
import { clientUrls } from './client-urls.js';
import type { Fault } from './fault.js';
import { findMissing } from './find-missing.js';
import { Load, type LoadOptions } from './load.js';
import type { FaultResult } from './result.js';
import { ServiceClock } from './service-clock.js';
import { relent, strike, victimsOf } from './strike.js';
import { Supervisor } from './supervisor.js';
import { Tally } from './tally.js';
import { until, untilQuiet } from './until.js';

/** Messages begun after a change that have to be confirmed, and handled, before service counts as there. */
const PROOF = 50;
/** ms for service to come back, and for a cluster to be whole again. */
const RECOVERY_TIMEOUT = 90_000;
/** ms without any confirmed or handled message after which what is missing is lost. */
const STALL_TIMEOUT = 30_000;
/** ms without a handled message after which no duplicate is expected any more. */
const QUIET = 500;
/** ms for clients to be back at the broker they prefer. */
const HOME_TIMEOUT = 60_000;
/** Missing messages that are told one by one. */
const MOST_TOLD = 20;

/** What a run is made of. */
export interface CertifyRunOptions {
  readonly load: LoadOptions;
  /** Takes what the framework logs. */
  readonly logger: LoggerService;
  /** Told one line per step. */
  readonly progress: (line: string) => void;
}

/** The parts of one fault, for the tally: before it, while it lasts, after it. */
type Stages = readonly [before: string, during: string, after: string];

/** What of a result is known before the last message has come. */
type Verdict = Pick<FaultResult, 'fault' | 'outageMs' | 'master' | 'problem'>;

/** One cluster, one application, one fault after the other. */
export class CertifyRun {
  readonly #tally = new Tally();
  readonly #queue = `certify.${randomUUID()}`;
  readonly #verdicts: (Verdict & { readonly stages: Stages })[] = [];
  #application!: CertifyApplication;
  #clock: ServiceClock | undefined;
  #stage = '';
  readonly #failedSends: string[] = [];
  #lastBroker = '';

  private constructor(
    private readonly cluster: Cluster,
    private readonly options: CertifyRunOptions,
  ) {}

  /** Starts the application on the cluster. */
  static async start(cluster: Cluster, options: CertifyRunOptions): Promise<CertifyRun> {
    const run = new CertifyRun(cluster, options);
    run.#application = await CertifyApplication.start({
      urls: clientUrls(cluster),
      queue: run.#queue,
      onHandled: (key) => run.#onHandled(key),
      logger: options.logger,
    });
    return run;
  }

  /** What was counted so far: messages that come late still count where they belong. */
  get results(): readonly FaultResult[] {
    return this.#verdicts.map(({ stages, ...verdict }) => ({ ...verdict, ...this.#tally.countsOf(...stages) }));
  }

  /** Lives through one fault; resolves with whether the cluster is as good as before. */
  async suffer(fault: Fault): Promise<boolean> {
    const stages = [`${fault.name}/before`, `${fault.name}/during`, `${fault.name}/after`] as const;
    this.#failedSends.length = 0;
    this.#stage = stages[0];
    if (fault.backlog > 0) await this.#application.stopListening();
    const load = this.#load(fault.name);
    const supervisor = new Supervisor(this.cluster, (line) => this.#say(fault, line));
    try {
      await this.#accumulate(fault, load, stages[0]);
      const clock = new ServiceClock(performance.now());
      this.#clock = clock;
      const { master, problem } = await this.#ordeal(fault, stages, load, supervisor);
      await load.stop();
      const verdict = { fault: fault.name, outageMs: clock.longest(performance.now()), master: master ?? '-', problem };
      this.#clock = undefined;
      this.#verdicts.push({ ...verdict, stages });
      await this.#drain(stages);
      await this.#tell(fault, verdict, stages);
      return problem === undefined;
    } finally {
      load.giveUp();
      await supervisor.end();
    }
  }

  /** Ends the application. */
  async close(): Promise<void> {
    await this.#application.close();
  }

  /** From the strike until all is well again, or never will be. */
  async #ordeal(
    fault: Fault,
    [, during, after]: Stages,
    load: Load,
    supervisor: Supervisor,
  ): Promise<{ readonly master?: string; readonly problem?: string }> {
    const victims = await victimsOf(this.cluster, fault);
    supervisor.hold(victims);
    await strike(this.cluster, fault, victims);
    this.#say(fault, victims.join(', '));
    this.#stage = during;
    if (fault.backlog > 0) this.#application.startListening();
    const [survived] = await Promise.all([fault.survives ? this.#isServed(during, load) : true, delay(fault.hold)]);
    const stillMaster = await this.#master();

    await relent(this.cluster, fault, victims);
    supervisor.release();
    try {
      await supervisor.untilWhole(RECOVERY_TIMEOUT);
    } catch (error) {
      load.giveUp();
      return { problem: error instanceof Error ? error.message : String(error) };
    }
    this.#say(fault, 'all are there again');
    this.#stage = after;
    if (!(await this.#isServed(after, load))) {
      load.giveUp();
      return { problem: `no service within ${RECOVERY_TIMEOUT} ms after everything was there again` };
    }
    const master = fault.survives ? stillMaster : await this.#master();
    const astray = await this.#comeHome();
    if (!survived) return { master, problem: `no service within ${RECOVERY_TIMEOUT} ms, although others were there` };
    return {
      master,
      problem: astray.length === 0 ? undefined : `not back at the preferred broker after ${HOME_TIMEOUT} ms: ${astray.join(', ')}`,
    };
  }

  #load(name: string): Load {
    const target = {
      send: async (key: string) => {
        this.#lastBroker = await this.#application.send(key);
      },
      onSending: (key: string) => this.#tally.sending(key, this.#stage),
      onConfirmed: (key: string) => {
        this.#clock?.served('confirmed', performance.now());
        this.#tally.confirmed(key);
      },
      onFailed: ({ message, outcome }: SendError) => void this.#failedSends.push(`${outcome}: ${message}`),
    };
    return new Load(name, target, this.options.load);
  }

  #onHandled(key: string): void {
    this.#clock?.served('handled', performance.now());
    this.#tally.handled(key);
  }

  /** Until there is something to lose. */
  async #accumulate({ name, backlog }: Fault, load: Load, stage: string): Promise<void> {
    const isThere = () => {
      const { confirmed, handled } = this.#tally.countsOf(stage);
      return backlog > 0 ? confirmed >= backlog : handled >= PROOF;
    };
    if (!(await until(isThere, { changes: this.#tally, timeout: RECOVERY_TIMEOUT, unless: load.end }))) {
      throw new Error(`Before ${name}, with all brokers there, nothing went through: ${JSON.stringify(this.#tally.countsOf(stage))}`);
    }
  }

  #isServed(stage: string, load: Load): Promise<boolean> {
    const isServed = () => {
      const { confirmed, handled } = this.#tally.countsOf(stage);
      return confirmed >= PROOF && handled >= PROOF;
    };
    return until(isServed, { changes: this.#tally, timeout: RECOVERY_TIMEOUT, unless: load.end });
  }

  async #comeHome(): Promise<readonly string[]> {
    // Each message that goes through is an occasion to look.
    await until(() => this.#application.astray.length === 0, { changes: this.#tally, timeout: HOME_TIMEOUT });
    return this.#application.astray;
  }

  async #drain(stages: Stages): Promise<void> {
    const isDone = () => this.#tally.countsOf(...stages).lost === 0;
    await until(isDone, { changes: this.#tally, timeout: STALL_TIMEOUT, stalls: true });
    await untilQuiet(this.#tally, QUIET);
  }

  /** The master, as the cluster says; in a network the broker that took the last message. */
  async #master(): Promise<string | undefined> {
    const master = await this.cluster.master();
    return (master ?? this.cluster.nodes.find(({ url }) => url === this.#lastBroker))?.name;
  }

  async #tell(fault: Fault, { outageMs, problem }: Verdict, stages: Stages): Promise<void> {
    const { confirmed, lost, duplicated } = this.#tally.countsOf(...stages);
    const [failure] = this.#failedSends;
    const failed = failure === undefined ? '' : `, ${this.#failedSends.length} sends failed and were repeated (${failure})`;
    this.#say(fault, `${confirmed} confirmed, ${lost} lost, ${duplicated} duplicated, ${outageMs} ms without service${failed}`);
    if (problem !== undefined) this.#say(fault, problem);
    if (lost === 0) return;
    const missing = await findMissing(this.cluster, this.#queue, this.#tally.missing.slice(0, MOST_TOLD));
    for (const line of missing) this.#say(fault, `not handled: ${line}`);
  }

  #say({ name }: Fault, line: string): void {
    this.options.progress(`${name}: ${line}`);
  }
}
