import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { LoggerService } from '@nestjs/common';
import type { Cluster } from 'activemq-cluster';

import { CertifyApplication } from './application.js';
import { clientUrls } from './client-urls.js';
import type { Fault } from './fault.js';
import { findMissing } from './find-missing.js';
import { Load, type LoadOptions } from './load.js';
import type { FaultResult } from './result.js';
import { ServiceClock } from './service-clock.js';
import { restore, strike } from './strike.js';
import { Tally } from './tally.js';
import { until, untilQuiet } from './until.js';

/** Messages begun after a change that have to be confirmed, and handled, before service counts as there. */
const PROOF = 50;
/** ms for service to come back, and for a cluster to be whole again. */
const RECOVERY_TIMEOUT = 120_000;
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
interface Stages {
  readonly before: string;
  readonly during: string;
  readonly after: string;
}

/** One cluster, one application, one fault after the other. */
export class CertifyRun {
  readonly #tally = new Tally();
  readonly #results: (Omit<FaultResult, 'confirmed' | 'handled' | 'lost' | 'duplicated'> & { readonly stages: Stages })[] = [];
  readonly #queue = `certify.${randomUUID()}`;
  #application!: CertifyApplication;
  #clock: ServiceClock | undefined;
  #stage = '';
  #failedSends = 0;
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
    return this.#results.map(({ stages, ...result }) => ({
      ...result,
      ...this.#tally.countsOf(stages.before, stages.during, stages.after),
    }));
  }

  /** Lives through one fault. */
  async suffer(fault: Fault): Promise<void> {
    const { progress } = this.options;
    const stages = { before: `${fault.name}/before`, during: `${fault.name}/during`, after: `${fault.name}/after` };
    this.#failedSends = 0;
    this.#stage = stages.before;
    if (fault.backlog > 0) await this.#application.stopListening();
    const load = this.#load(fault.name);
    await this.#accumulate(fault, load, stages.before);

    const clock = new ServiceClock(performance.now());
    this.#clock = clock;
    const struck = await strike(this.cluster, fault);
    progress(`${fault.name}: ${struck.join(', ')}`);
    this.#stage = stages.during;
    if (fault.backlog > 0) this.#application.startListening();
    const [survived] = await Promise.all([fault.survives ? this.#isServed(stages.during, load) : true, delay(fault.hold)]);
    let master = await this.#master();

    const started = await restore(this.cluster, fault, struck, RECOVERY_TIMEOUT);
    const unasked = started.filter((name) => !struck.includes(name));
    if (unasked.length > 0) progress(`${fault.name}: started again, for it had ended by itself: ${unasked.join(', ')}`);
    progress(`${fault.name}: all are there again`);
    this.#stage = stages.after;
    const isBack = await this.#isServed(stages.after, load);
    if (!fault.survives) master = await this.#master();
    const astray = await this.#comeHome();
    await load.stop();
    progress(`${fault.name}: draining`);
    const outageMs = clock.longest(performance.now());
    this.#clock = undefined;
    await this.#drain(stages);

    const problem = problemOf({ survived, isBack, astray });
    this.#results.push({ fault: fault.name, outageMs, master: master ?? '-', stages, problem });
    await this.#tell(fault, stages, outageMs, problem);
  }

  /** Ends the application. */
  async close(): Promise<void> {
    await this.#application.close();
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
      onFailed: () => void this.#failedSends++,
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

  async #drain({ before, during, after }: Stages): Promise<void> {
    const isDone = () => this.#tally.countsOf(before, during, after).lost === 0;
    await until(isDone, { changes: this.#tally, timeout: STALL_TIMEOUT, stalls: true });
    await untilQuiet(this.#tally, QUIET);
  }

  /** The master, as the cluster says; in a network the broker that took the last message. */
  async #master(): Promise<string | undefined> {
    const master = await this.cluster.master();
    return (master ?? this.cluster.nodes.find(({ url }) => url === this.#lastBroker))?.name;
  }

  async #tell({ name }: Fault, { before, during, after }: Stages, outageMs: number, problem: string | undefined): Promise<void> {
    const { confirmed, lost, duplicated } = this.#tally.countsOf(before, during, after);
    const failed = this.#failedSends === 0 ? '' : `, ${this.#failedSends} sends failed and were repeated`;
    this.options.progress(
      `${name}: ${confirmed} confirmed, ${lost} lost, ${duplicated} duplicated, ${outageMs} ms without service${failed}`,
    );
    if (lost > 0) {
      const missing = await findMissing(this.cluster, this.#queue, this.#tally.missing.slice(0, MOST_TOLD));
      for (const line of missing) this.options.progress(`${name}: not handled: ${line}`);
    }
    if (problem !== undefined) this.options.progress(`${name}: ${problem}`);
  }
}

/** What a topology owed and did not give, in words. */
function problemOf({
  survived,
  isBack,
  astray,
}: {
  readonly survived: boolean;
  readonly isBack: boolean;
  readonly astray: readonly string[];
}): string | undefined {
  if (!survived) return `no service within ${RECOVERY_TIMEOUT} ms, although the others lived`;
  if (!isBack) return `no service within ${RECOVERY_TIMEOUT} ms after everything was there again`;
  return astray.length === 0 ? undefined : `not back at the preferred broker after ${HOME_TIMEOUT} ms: ${astray.join(', ')}`;
}
