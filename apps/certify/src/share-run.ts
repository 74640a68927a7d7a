import { randomUUID } from 'node:crypto';

import { CertifyApplication, type ListenerId } from './application.js';
import { clientUrls } from './client-urls.js';
import { Tally } from './tally.js';
import { until, untilQuiet } from './until.js';

import type { Cluster } from 'activemq-cluster';
import type { LoggerService } from '@nestjs/common';

import type { ActName, ShareAct } from './share-result.js';

/** Sends under way at the same time. */
const CONCURRENCY = 64;
/** ms without any progress after which what is missing is lost. */
const STALL_TIMEOUT = 60_000;
/** ms without a handled message after which no duplicate is expected any more. */
const QUIET = 500;
const LISTENING_TIMEOUT = 30_000;

/** One network, one application with a listener at each of two brokers, a fixed number of messages for each act. */
export class ShareRun {
  readonly #tally = new Tally();
  readonly #handledBy: Record<ListenerId, number> = { first: 0, second: 0 };
  #application!: CertifyApplication;

  private constructor(
    private readonly cluster: Cluster,
    private readonly messages: number,
  ) {}

  /** Starts the application on the network. */
  static async start(cluster: Cluster, messages: number, logger: LoggerService): Promise<ShareRun> {
    const run = new ShareRun(cluster, messages);
    run.#application = await CertifyApplication.start({
      urls: clientUrls(cluster),
      queue: `share.${randomUUID()}`,
      onHandled: (key, listener) => {
        run.#handledBy[listener]++;
        run.#tally.handled(key);
      },
      logger,
    });
    return run;
  }

  /** Produces at broker1 while only the listener at broker2 consumes. */
  async forward(): Promise<ShareAct> {
    await this.#application.stopListening('first');
    const act = await this.#act('forwarded');
    this.#application.startListening();
    await this.#application.whenListening(LISTENING_TIMEOUT);
    return act;
  }

  /** Produces at broker1 while a listener at each broker consumes. */
  async share(): Promise<ShareAct> {
    return this.#act('shared');
  }

  /** The same, and broker2 dies when half is handled, and is started again. */
  async kill(): Promise<ShareAct> {
    return this.#act('killed', async (handled) => {
      await until(() => handled() >= this.messages / 2, { changes: this.#tally, timeout: STALL_TIMEOUT, stalls: true });
      await this.cluster.kill('broker2');
      await this.cluster.start('broker2');
    });
  }

  /** Ends the application. */
  async close(): Promise<void> {
    await this.#application.close();
  }

  async #act(act: ActName, meanwhile?: (handled: () => number) => Promise<void>): Promise<ShareAct> {
    const before = { ...this.#handledBy };
    const begun = performance.now();
    const counts = () => this.#tally.countsOf(act);
    await Promise.all([this.#send(act), meanwhile?.(() => counts().handled)]);
    await until(() => counts().lost === 0, { changes: this.#tally, timeout: STALL_TIMEOUT, stalls: true });
    const took = Math.round(performance.now() - begun);
    await untilQuiet(this.#tally, QUIET);
    const { first, second } = this.#handledBy;
    return { act, ...counts(), atBroker1: first - before.first, atBroker2: second - before.second, tookMs: took };
  }

  async #send(act: ActName): Promise<void> {
    let next = 0;
    const sender = async () => {
      while (next < this.messages) {
        const key = `${act}-${++next}`;
        this.#tally.sending(key, act);
        await this.#application.send(key);
        this.#tally.confirmed(key);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, sender));
  }
}
