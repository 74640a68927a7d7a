import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { bundleProcess } from '../parts/bundle-process.js';
import { BrokerClient, type PlainMessage } from '../parts/broker-client.js';
import { Brokers } from './brokers.js';
import { BATCH, type Combination, queueOf } from './combination.js';
import { Consumer } from './consumer.js';
import { describeFault, FaultMoment, type FaultPlan, planFault } from './fault.js';
import { readEnds } from './ends.js';
import { Random } from './random.js';
import { accused, type Crash, judge, type Verdict } from './verdict.js';
import { WireProxy } from './wire-proxy.js';

/** What a run does. */
export interface RunPlan {
  /** All of them are under way at once: a fault hits each of them. */
  readonly combinations: readonly Combination[];
  readonly rounds: number;
  /** Whether listeners are stopped in an orderly way, too. */
  readonly stops?: boolean;
  /** The same seed plans the same faults. */
  readonly seed: number;
  /** Keeps the folder with the attempts and the consumers' logs. */
  readonly keep?: boolean;
  readonly say: (line: string) => void;
}

/** What a run saw. */
export interface RunResult {
  readonly verdicts: ReadonlyMap<Combination, Verdict>;
  /** How many faults of each kind happened. */
  readonly faults: Readonly<Record<Crash['kind'], number>>;
  readonly seconds: number;
}

/** ms before the first redelivery in the modes `local` and `scheduled`. */
const REDELIVERY_DELAY = 5;
/** ms that a round waits for those before it. */
const CATCH_UP = 60_000;
/** ms within which the queues have to become empty at the end. */
const DRAIN = 300_000;

/** Runs a plan on brokers of its own. */
export async function runSettlementChaos(plan: RunPlan): Promise<RunResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'activemq-settlement-'));
  const bundle = await bundleProcess(fileURLToPath(new URL('./consumer.process.ts', import.meta.url)));
  const brokers = await Brokers.start();
  const run = await Run.prepare(plan, brokers, bundle.program, folder);
  try {
    return await run.go();
  } finally {
    await run.end();
    await brokers.down();
    rmSync(bundle.folder, { recursive: true, force: true });
    writeFileSync(path.join(folder, 'crashes.json'), JSON.stringify(run.crashes));
    if (plan.keep) plan.say(`the attempts and the consumers' logs are in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

class Run {
  readonly #sentAt: number[] = [];
  /** What happened so far. */
  readonly crashes: Crash[] = [];
  readonly #faults: Crash['kind'][] = [];
  readonly #random: Random;
  readonly #consumers: Consumer[] = [];
  #client: { readonly port: number; readonly connected: BrokerClient } | undefined;

  private constructor(
    private readonly plan: RunPlan,
    private readonly brokers: Brokers,
    private readonly proxies: readonly WireProxy[],
    private readonly program: string,
    private readonly folder: string,
  ) {
    this.#random = new Random(plan.seed);
  }

  static async prepare(plan: RunPlan, brokers: Brokers, program: string, folder: string): Promise<Run> {
    const proxies = await Promise.all(brokers.ports.map((port) => WireProxy.before(port)));
    return new Run(plan, brokers, proxies, program, folder);
  }

  async go(): Promise<RunResult> {
    const { rounds, combinations, say } = this.plan;
    const began = performance.now();
    let [consumer, spare] = [this.#consumer(), this.#consumer()];
    await consumer.start();
    for (let round = 1; round <= rounds; round++) {
      const kill = await this.brokers.readyToKill();
      const fault = planFault(this.#random, this.plan.stops === true);
      await this.#caughtUp();
      await this.#send();
      const moment = new FaultMoment(fault, this.proxies);
      consumer.onThrew = () => moment.threw();
      const came = await moment.arrived;
      // What was held back is lost with its connection: who lives on sees that first, and may get the message again before the next death.
      const isCut = fault.kind === 'socket' || (fault.isHeld && fault.kind !== 'stop');
      if (isCut) {
        this.crashes.push({ kind: 'socket', at: Date.now() });
        for (const proxy of this.proxies) proxy.cut();
      }
      if (fault.kind !== 'socket') this.crashes.push({ kind: fault.kind, at: Date.now() });
      if (fault.kind === 'broker') await kill();
      if (fault.kind === 'consumer') {
        await consumer.kill();
        [consumer, spare] = [spare, this.#consumer()];
        await consumer.start();
      }
      for (const proxy of this.proxies) proxy.watch = undefined;
      if (fault.kind === 'stop') await this.#restart(consumer, fault);
      this.#faults.push(fault.kind);
      say(`round ${round} of ${rounds}: ${describeFault(fault)}${came ? '' : ', which did not come'}`);
    }
    await this.#drained();
    const seconds = (performance.now() - began) / 1_000;
    await spare.kill();
    await consumer.kill();
    const ends = await readEnds(await this.#connected(), combinations, this.folder, this.#sentAt);
    for (const combination of combinations)
      for (const accusation of accused(combination, ends.get(combination)!, this.crashes)) say(`${queueOf(combination)}: ${accusation}`);
    const verdicts = new Map(combinations.map((combination) => [combination, judge(combination, ends.get(combination)!, this.crashes)]));
    const count = (kind: Crash['kind']) => this.#faults.filter((fault) => fault === kind).length;
    return {
      verdicts,
      faults: { consumer: count('consumer'), broker: count('broker'), socket: count('socket'), stop: count('stop') },
      seconds,
    };
  }

  async end(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.kill()));
    await this.#client?.connected.close().catch(() => undefined);
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
  }

  /** What was held goes on when it has begun to stop: a settlement and the end of its subscription meet on the wire. */
  async #restart(consumer: Consumer, { delay: timeout }: FaultPlan): Promise<void> {
    const restarted = consumer.restart(timeout);
    await delay(timeout + 5);
    for (const proxy of this.proxies) proxy.release();
    await restarted;
  }

  #consumer(): Consumer {
    const members = this.proxies.map(({ port }) => `stomp://127.0.0.1:${port}`).join(',');
    const consumer = new Consumer(this.program, {
      brokerUrl: `failover:(${members})?randomize=false&initialReconnectDelay=10&maxReconnectDelay=50`,
      combinations: this.plan.combinations,
      number: this.#consumers.length + 1,
      folder: this.folder,
      redeliveryDelay: REDELIVERY_DELAY,
    });
    this.#consumers.push(consumer);
    return consumer;
  }

  /** Until no more than a round's messages lie in the queues: a fault is to meet settlements, not a backlog. */
  async #caughtUp(): Promise<void> {
    const deadline = performance.now() + CATCH_UP;
    const client = await this.#connected();
    while ((await this.#lyingIn(client)) > BATCH * this.plan.combinations.length && performance.now() < deadline) await delay(50);
  }

  /** Messages in the queues, those in flight included, those in the scheduler not. */
  async #lyingIn(client: BrokerClient): Promise<number> {
    const depths = await client.depths();
    return this.plan.combinations.reduce((sum, combination) => sum + (depths.get(queueOf(combination)) ?? 0), 0);
  }

  /** No fault is under way meanwhile, so that no send is in doubt. */
  async #send(): Promise<void> {
    const first = this.#sentAt.length;
    const messages: PlainMessage[] = [];
    for (let n = first; n < first + BATCH; n++) {
      this.#sentAt.push(Date.now());
      for (const combination of this.plan.combinations) {
        const queue = queueOf(combination);
        messages.push({ queue, body: JSON.stringify({ n }), headers: { idempotencyKey: `${queue}-${n}` } });
      }
    }
    await (await this.#connected()).sendAll(messages);
  }

  /** A client of the broker that is master now. */
  async #connected(): Promise<BrokerClient> {
    const port = await this.brokers.port();
    if (this.#client?.port !== port) {
      // Its broker is dead.
      void this.#client?.connected.close().catch(() => undefined);
      this.#client = { port, connected: await BrokerClient.connect(port) };
    }
    return this.#client.connected;
  }

  /** Until nothing is in the queues and in the scheduler, twice in a row. */
  async #drained(): Promise<void> {
    const deadline = performance.now() + DRAIN;
    const client = await this.#connected();
    for (let quiet = 0; quiet < 2;) {
      const left = (await this.#lyingIn(client)) + (await client.scheduledJobs());
      quiet = left === 0 ? quiet + 1 : 0;
      if (performance.now() > deadline) {
        this.plan.say(`${left} messages are still on their way after ${DRAIN} ms: ${JSON.stringify([...(await client.depths())])}`);
        return;
      }
      if (quiet < 2) await delay(300);
    }
  }
}
