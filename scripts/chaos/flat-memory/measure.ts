import { startCluster } from 'activemq-cluster';
import { type ChildProcess, fork } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { BrokerClient } from '../parts/broker-client.js';
import { bundleProcess } from '../parts/bundle-process.js';
import { brokerHeap } from './broker-heap.js';
import { type ConsumerOrder, type ConsumerReport, type ConsumerSettings, DEAD_LETTER_QUEUE, type Kind, OUT_QUEUE, QUEUE } from './kinds.js';

/** One look, after garbage collections, while nothing is under way. Memory in bytes. */
export interface Sample {
  readonly deliveries: number;
  readonly brokerHeap: number;
  readonly ackEntries: number;
  readonly rss: number;
  readonly heapUsed: number;
}

/** Messages sent in one transaction, and those sent and not ended. */
const BATCH = 250;
const BACKLOG = 2_000;
const SAMPLES = 10;
/** ms without any progress after which a measurement is given up. */
const STALL = 120_000;
const BODY = JSON.stringify({ filler: 'x'.repeat(1_000) });

/** Repeats deliveries of a kind on a broker of its own, and looks after each tenth. */
export async function measure(kind: Kind, deliveries: number, onSample: (sample: Sample) => void): Promise<readonly Sample[]> {
  const cluster = await startCluster({ topology: 'single', jvmOptions: ['-XX:+UseSerialGC'] });
  const bundle = await bundleProcess(fileURLToPath(new URL('./consumer.process.ts', import.meta.url)));
  const consumer = new MeasuredConsumer(bundle.program, { brokerUrl: cluster.brokerUrl, kind });
  try {
    const [node] = cluster.nodes;
    const client = await BrokerClient.connect(node!.ports.stomp);
    // Beside the sender, which flow control may hold up.
    const reader = await BrokerClient.connect(node!.ports.stomp);
    await Promise.all([reader.swallow(OUT_QUEUE), reader.swallow(DEAD_LETTER_QUEUE)]);
    await consumer.ready;
    const samples: Sample[] = [];
    for (let sent = 0, tenth = 1; tenth <= SAMPLES; tenth++) {
      const until = Math.round((deliveries * tenth) / SAMPLES);
      for (let size = 0; sent < until; sent += size) {
        await consumer.hasEnded(sent - BACKLOG);
        size = Math.min(BATCH, until - sent);
        await client.sendAll(Array.from({ length: size }, () => ({ queue: QUEUE, body: BODY, headers: {} })));
      }
      await consumer.hasEnded(sent);
      const heap = await brokerHeap(node!.pid!);
      const sample = { deliveries: sent, brokerHeap: heap.bytes, ackEntries: heap.ackEntries, ...(await consumer.memory()) };
      samples.push(sample);
      onSample(sample);
    }
    await Promise.all([client.close(), reader.close()]);
    return samples;
  } finally {
    consumer.kill();
    await cluster.down();
    await rm(bundle.folder, { recursive: true, force: true });
  }
}

class MeasuredConsumer {
  readonly ready: Promise<unknown>;
  readonly #child: ChildProcess;
  #ended = 0;

  constructor(program: string, settings: ConsumerSettings) {
    this.#child = fork(program, [JSON.stringify(settings)], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (report: ConsumerReport) => {
      if (report.type === 'ended') this.#ended = report.messages;
    });
    this.ready = this.#told('ready');
  }

  /** Resolves when so many messages have met their end. */
  async hasEnded(messages: number): Promise<void> {
    let [last, since] = [-1, performance.now()];
    while (this.#ended < messages) {
      if (this.#ended !== last) [last, since] = [this.#ended, performance.now()];
      if (performance.now() - since > STALL) throw new Error(`only ${last} of ${messages} messages met their end`);
      await delay(20);
    }
  }

  async memory(): Promise<{ readonly rss: number; readonly heapUsed: number }> {
    const told = this.#told('memory');
    this.#child.send('measure' satisfies ConsumerOrder);
    const { rss, heapUsed } = await told;
    return { rss, heapUsed };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #told<T extends ConsumerReport['type']>(type: T): Promise<Extract<ConsumerReport, { type: T }>> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`The consumer ended with code ${code}`));
      const listen = (report: ConsumerReport) => {
        if (report.type !== type) return;
        this.#child.off('message', listen);
        this.#child.off('exit', onExit);
        resolve(report as Extract<ConsumerReport, { type: T }>);
      };
      this.#child.on('message', listen);
      this.#child.on('exit', onExit);
    });
  }
}
