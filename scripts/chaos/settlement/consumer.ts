import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

import type { ConsumerOrder, ConsumerReport, ConsumerSettings } from './consumer-protocol.js';

/** A consumer in a process of its own, with Nest, the framework and a listener for each combination. */
export class Consumer {
  /** Called each time one of its handlers is about to fail. */
  onThrew: (() => void) | undefined;
  readonly number: number;
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;

  /** @param program the bundled `consumer.process.ts` */
  constructor(program: string, settings: ConsumerSettings) {
    this.number = settings.number;
    this.#child = fork(program, [JSON.stringify(settings)], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (report: ConsumerReport) => {
      if (report === 'threw') this.onThrew?.();
    });
    this.#ready = this.#told('ready');
    // Asked for by start(); one that is killed before is not.
    this.#ready.catch(() => undefined);
  }

  /** Lets it consume, as soon as it can. */
  async start(): Promise<void> {
    await this.#ready;
    const started = this.#told('started');
    this.#child.send('start' satisfies ConsumerOrder);
    await started;
  }

  /**
   * Stops every listener in an orderly way, and starts it again.
   *
   * @param timeout ms that handlers get
   */
  async restart(timeout: number): Promise<void> {
    const started = this.#told('started');
    this.#child.send({ restart: timeout } satisfies ConsumerOrder);
    await started;
  }

  /** Ends it as `kill -9` does; resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #told(expected: ConsumerReport): Promise<void> {
    const gone = new AbortController();
    try {
      const ended = once(this.#child, 'exit', { signal: gone.signal }).then(([code, signal]) => {
        throw new Error(`Consumer ${this.number} ended with ${String(signal ?? code)} before it was ${expected}`);
      });
      ended.catch(() => undefined);
      const told = new Promise<void>((resolve) => {
        const listen = (report: ConsumerReport) => {
          if (report !== expected) return;
          this.#child.off('message', listen);
          resolve();
        };
        this.#child.on('message', listen);
      });
      await Promise.race([told, ended]);
    } finally {
      gone.abort();
    }
  }
}
