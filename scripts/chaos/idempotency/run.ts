import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Cluster, startCluster } from 'activemq-cluster';
import { Redis } from 'ioredis';
import { ActiveMqModule, JmsMessagingTemplate } from 'nestjs-activemq';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { RawClient } from '../../../test/integration/framework/raw-client.fixture.js';
import { FaultProxy } from '../../../test/support/fault-proxy.js';
import { RedisServer } from '../../../test/support/redis-server.js';
import { Consumer } from './consumer.js';
import { readJournal } from './journal.js';
import { Judge, type Verdict } from './verdict.js';

/** What a run does. */
export interface RunPlan {
  /** Different messages. */
  readonly messages: number;
  /** How many of them are sent a second time with the same key, from 0 to 1. */
  readonly duplicates: number;
  readonly consumers: number;
  /** Times at which the master is killed while messages are sent, evenly spread; it comes back as a slave. */
  readonly failovers: number;
  /** ms between two kills of a consumer, which is started again; 0 for none. */
  readonly killEvery: number;
  readonly leaseMs: number;
  /** Whether the way to Redis is slow by turns, and cut now and then. */
  readonly badNetwork: boolean;
  readonly say: (line: string) => void;
}

/** What a run saw. */
export interface RunResult extends Verdict {
  readonly deliveries: number;
  readonly kills: number;
  readonly seconds: number;
  readonly redisKeys: number;
  readonly redisBytesPerKey: number;
  readonly deadLetters: number;
  readonly gate: Readonly<
    Record<'acquired' | 'completed' | 'joined' | 'in-progress' | 'deferrals' | 'lostLeases' | 'recreated' | 'uncertain', number>
  >;
}

const QUEUE = 'chaos.idempotency';
const CONCURRENCY = 8;
/** Sends that are under way at once. */
const SENDERS = 128;
/** ms without any progress after which a run is given up. */
const STALL = 180_000;
/** Latencies to Redis, each way, in ms; each holds for {@link NETWORK_TURN} ms. The last is longer than a call may take. */
const LATENCIES = [0, 50, 500, 1_500] as const;
const NETWORK_TURN = 15_000;
/** How many packets to Redis cut their connection. */
const RESETS = 0.01;

/** Runs a plan on a real cluster and a real Redis of its own. */
export async function runPlan(plan: RunPlan): Promise<RunResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'activemq-chaos-'));
  const redis = await RedisServer.start();
  const cluster = await startCluster({
    topology: 'shared-file',
    nodes: 2,
    broker: { policyEntries: [{ queue: '>', attributes: { persistJMSRedelivered: true } }] },
  });
  const proxy = await FaultProxy.start(redis.port);
  const run = new Run(plan, cluster, redis, proxy, folder);
  try {
    return await run.go();
  } finally {
    await run.end();
    await cluster.down();
    await proxy.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Run {
  readonly #plan: RunPlan;
  readonly #cluster: Cluster;
  readonly #redis: RedisServer;
  readonly #proxy: FaultProxy;
  readonly #folder: string;
  readonly #consumers: Consumer[] = [];
  readonly #all: Consumer[] = [];
  #started = 0;
  #kills = 0;
  #faults: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(plan: RunPlan, cluster: Cluster, redis: RedisServer, proxy: FaultProxy, folder: string) {
    this.#plan = plan;
    this.#cluster = cluster;
    this.#redis = redis;
    this.#proxy = proxy;
    this.#folder = folder;
  }

  async go(): Promise<RunResult> {
    const { consumers, killEvery, badNetwork, say } = this.#plan;
    const began = performance.now();
    for (let slot = 0; slot < consumers; slot++) await this.#consumer(slot);
    say(`${consumers} consumers are subscribed`);
    this.#faults = Promise.all([...(killEvery > 0 ? [this.#killConsumers()] : []), ...(badNetwork ? [this.#spoilNetwork()] : [])]);
    const deliveries = await this.#send();
    say(`${deliveries} sends are confirmed`);
    await this.#untilDone();
    const seconds = (performance.now() - began) / 1_000;
    this.#isOver = true;
    await this.#faults;
    await this.#untilQuiet();
    await Promise.all(this.#consumers.map((consumer) => consumer.stop()));
    return {
      ...(await this.#judge()),
      deliveries,
      kills: this.#kills,
      seconds,
      ...(await this.#lookAtRedis()),
      ...(await this.#lookAtBroker()),
    };
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#faults.catch(() => undefined);
    await Promise.all(this.#all.map((consumer) => consumer.kill()));
  }

  async #consumer(slot: number): Promise<void> {
    const instanceId = `consumer-${++this.#started}`;
    const settings = {
      brokerUrl: this.#cluster.brokerUrl,
      redisUrl: this.#plan.badNetwork ? this.#proxy.url : this.#redis.url,
      queue: QUEUE,
      concurrency: CONCURRENCY,
      leaseMs: this.#plan.leaseMs,
      instanceId,
      journal: path.join(this.#folder, instanceId),
    };
    const consumer = await Consumer.start(settings, (line) => this.#plan.say(line));
    this.#consumers[slot] = consumer;
    this.#all.push(consumer);
  }

  async #spoilNetwork(): Promise<void> {
    this.#proxy.resets = RESETS;
    for (let turn = 0; !this.#isOver; turn++) {
      this.#proxy.latency = LATENCIES[turn % LATENCIES.length] ?? 0;
      this.#plan.say(`Redis is ${this.#proxy.latency} ms away`);
      for (let waited = 0; waited < NETWORK_TURN && !this.#isOver; waited += 100) await delay(100);
    }
    this.#proxy.resets = 0;
    this.#proxy.latency = 0;
  }

  /** One after the other, each replaced at once. */
  async #killConsumers(): Promise<void> {
    const { killEvery, consumers } = this.#plan;
    for (let turn = 0; ; turn++) {
      for (let waited = 0; waited < killEvery && !this.#isOver; waited += 100) await delay(100);
      if (this.#isOver) return;
      const slot = turn % consumers;
      await this.#consumers[slot]?.kill();
      this.#kills++;
      await this.#consumer(slot);
    }
  }

  /** Sends every message, some of them twice: at once or a while later. Returns how many sends there were. */
  async #send(): Promise<number> {
    const { messages, duplicates, failovers } = this.#plan;
    @Module({ imports: [ActiveMqModule.forRoot({ brokerUrl: this.#cluster.brokerUrl, startup: 'wait' })] })
    class Producer {}
    const app = await NestFactory.createApplicationContext(Producer, { logger: ['error'], abortOnError: false });
    const jms = app.get(JmsMessagingTemplate);
    const late: number[] = [];
    let [next, sends] = [0, 0];
    const send = async (n: number) => {
      sends++;
      await jms.convertAndSend(QUEUE, { n }, { idempotencyKey: `chaos-${n}`, timeToLive: 0 });
    };
    const sender = async () => {
      for (;;) {
        const n = next < messages ? next++ : undefined;
        const again = late.length > 1_000 || n === undefined ? late.shift() : undefined;
        if (n === undefined && again === undefined) return;
        if (again !== undefined) await send(again);
        if (n === undefined) continue;
        const isTwice = Math.floor((n + 1) * duplicates) > Math.floor(n * duplicates);
        if (isTwice && n % 2 === 1) late.push(n);
        await Promise.all(isTwice && n % 2 === 0 ? [send(n), send(n)] : [send(n)]);
      }
    };
    const failing = this.#failOver(failovers, () => next / messages);
    await Promise.all(Array.from({ length: SENDERS }, sender));
    await failing;
    await app.close();
    return sends;
  }

  async #failOver(times: number, progress: () => number): Promise<void> {
    for (let time = 1; time <= times; time++) {
      while (progress() < time / (times + 1)) await delay(20);
      const killed = await this.#cluster.killMaster();
      this.#plan.say(`killed the master ${killed.name} after ${Math.round(progress() * 100)} % of the messages`);
      await this.#cluster.waitForMaster();
      await this.#cluster.start(killed.name);
    }
  }

  /** Until every message has its side effect, or nothing more happens. */
  async #untilDone(): Promise<void> {
    let [done, since] = [-1, performance.now()];
    for (;;) {
      const judge = await this.#counted();
      if (judge.done === this.#plan.messages) return;
      if (judge.done !== done) [done, since] = [judge.done, performance.now()];
      this.#plan.say(`${done} of ${this.#plan.messages} messages are handled`);
      if (performance.now() - since > STALL) return;
      await delay(2_000);
    }
  }

  /** Until the queue is empty, also of what comes back later. */
  async #untilQuiet(): Promise<void> {
    const since = performance.now();
    for (let quiet = 0; quiet < 3 && performance.now() - since < STALL; await delay(500)) {
      const left = await this.#withBroker(async (client) => (await client.browse(QUEUE)).length + (await client.scheduledJobs()));
      quiet = left === 0 ? quiet + 1 : 0;
    }
  }

  async #counted(): Promise<Judge> {
    const judge = new Judge(this.#plan.messages);
    for (const { settings } of this.#all) for await (const line of readJournal(settings.journal)) judge.count(line);
    return judge;
  }

  async #judge(): Promise<Verdict & Pick<RunResult, 'gate'>> {
    const judge = await this.#counted();
    for (const { settings } of this.#all) for await (const line of readJournal(settings.journal)) judge.remember(line);
    const killed = new Set(this.#all.filter(({ wasKilled }) => wasKilled).map(({ settings }) => settings.instanceId));
    const verdict = judge.verdict((token) => killed.has(token.slice(0, token.indexOf(':'))));
    const sum = (count: (gate: NonNullable<Consumer['counts']>['gate']) => number) =>
      this.#all.reduce((total, { counts }) => total + (counts ? count(counts.gate) : 0), 0);
    const gate = {
      acquired: sum(({ claims }) => claims.acquired),
      completed: sum(({ claims }) => claims.completed),
      joined: sum(({ claims }) => claims.joined),
      'in-progress': sum(({ claims }) => claims['in-progress']),
      deferrals: sum(({ deferrals }) => deferrals),
      lostLeases: sum(({ lostLeases }) => lostLeases),
      recreated: sum(({ recreated }) => recreated),
      uncertain: sum(({ uncertain }) => uncertain),
    };
    return { ...verdict, gate };
  }

  async #lookAtRedis(): Promise<Pick<RunResult, 'redisKeys' | 'redisBytesPerKey'>> {
    const redis = new Redis(this.#redis.port, '127.0.0.1');
    try {
      const redisKeys = await countRecords(redis);
      const dataset = /used_memory_dataset:(\d+)/.exec(await redis.info('memory'))?.[1];
      return { redisKeys, redisBytesPerKey: redisKeys === 0 ? 0 : Math.round(Number(dataset) / redisKeys) };
    } finally {
      redis.disconnect();
    }
  }

  async #lookAtBroker(): Promise<Pick<RunResult, 'deadLetters'>> {
    return { deadLetters: await this.#withBroker(async (client) => (await client.browse('ActiveMQ.DLQ')).length) };
  }

  async #withBroker<T>(work: (client: RawClient) => Promise<T>): Promise<T> {
    const { ports } = await this.#cluster.waitForMaster();
    const client = await RawClient.connect(ports.stomp);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }
}

/** Without what the checks at the start left behind for a moment. */
async function countRecords(redis: Redis): Promise<number> {
  let [cursor, count] = ['0', 0];
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', 'chaos::*', 'COUNT', 10_000);
    cursor = next;
    count += keys.length;
  } while (cursor !== '0');
  return count;
}
