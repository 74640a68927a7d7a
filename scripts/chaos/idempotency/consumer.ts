import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { ConsumerReport, ConsumerSettings } from './consumer-protocol.js';

const FILE = fileURLToPath(new URL('./consumer.process.ts', import.meta.url));

type Counts = Extract<ConsumerReport, { type: 'counts' }>;

/** A consumer in a process of its own, with Nest, the framework and the store. */
export class Consumer {
  /** What it told last. */
  counts: Counts | undefined;
  #wasKilled = false;
  readonly #child: ChildProcess;

  private constructor(
    readonly settings: ConsumerSettings,
    onLog: (line: string) => void,
  ) {
    this.#child = fork(FILE, [JSON.stringify(settings)], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (report: ConsumerReport) => {
      if (report.type === 'counts') this.counts = report;
      if (report.type === 'log') onLog(`${settings.instanceId}: ${report.line}`);
    });
  }

  /** Resolves when it is subscribed. */
  static async start(settings: ConsumerSettings, onLog: (line: string) => void): Promise<Consumer> {
    const consumer = new Consumer(settings, onLog);
    const ended = once(consumer.#child, 'exit').then(([code]) => {
      throw new Error(`The consumer ${settings.instanceId} ended with code ${String(code)} before it was subscribed`);
    });
    const ready = new Promise<void>((resolve) =>
      consumer.#child.on('message', ({ type }: ConsumerReport) => {
        if (type === 'ready') resolve();
      }),
    );
    await Promise.race([ready, ended]);
    ended.catch(() => undefined);
    return consumer;
  }

  /** Whether it was killed, and not stopped. */
  get wasKilled(): boolean {
    return this.#wasKilled;
  }

  /** Ends it as `kill -9` does; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#wasKilled = true;
    await this.#end(() => this.#child.kill('SIGKILL'));
  }

  /** Lets it finish what it handles; resolves when it is gone. */
  async stop(): Promise<void> {
    await this.#end(() => this.#child.send('stop'));
  }

  async #end(how: () => unknown): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    how();
    await exited;
  }
}
