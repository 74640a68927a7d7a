import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { ConsumerEvent } from './demo-protocol.js';

const ENTRY = fileURLToPath(new URL('./consumer.main.js', import.meta.url));

/** Told of each handled message: its number and when it was handled, in ms since 1970. */
export type HandledObserver = (number: number, at: number) => void;

/** The consumer in a process of its own, which can be killed like any other. */
export class ConsumerProcess {
  #deadLettered = 0;
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;
  /** All it ever reported has been read: what it wrote before its death comes first. */
  readonly #gone: Promise<void>;

  private constructor(queue: string, onHandled: HandledObserver) {
    this.#child = fork(ENTRY, { env: { ...process.env, DEMO_QUEUE: queue } });
    this.#gone = once(this.#child, 'disconnect').then(() => undefined);
    this.#ready = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code) => reject(new Error(`The consumer's process ended with code ${code} before it was subscribed`)));
      this.#child.on('message', (event: ConsumerEvent) => {
        if (event.type === 'ready') return resolve();
        this.#deadLettered = event.deadLettered;
        onHandled(event.number, event.at);
      });
    });
  }

  /** Resolves when it is subscribed. */
  static async start(queue: string, onHandled: HandledObserver): Promise<ConsumerProcess> {
    const consumer = new ConsumerProcess(queue, onHandled);
    await consumer.#ready;
    return consumer;
  }

  /** Messages it has rejected, as of its last report. */
  get deadLettered(): number {
    return this.#deadLettered;
  }

  /** `kill -9`; resolves with the moment of it, in ms since 1970, once all its reports were read. */
  async kill(): Promise<number> {
    const at = Date.now();
    this.#child.kill('SIGKILL');
    await this.#gone;
    return at;
  }

  /** Lets it finish what it handles, and resolves when its process is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}
