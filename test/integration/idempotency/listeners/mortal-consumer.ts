import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { ROOT } from '../../../../scripts/application/build-application.js';
import { withLock } from '../../../../scripts/application/with-lock.js';

const FILE = fileURLToPath(new URL('./mortal-consumer.process.ts', import.meta.url));

/** What a consumer process is started with. */
export interface MortalConsumerSettings {
  readonly brokerUrl: string;
  readonly redisUrl: string;
  readonly queue: string;
  readonly leaseMs: number;
  readonly maximumRedeliveries?: number;
  /** When it ends as by `kill -9`. */
  readonly dies: 'while handling' | 'before complete' | 'after complete' | 'never';
}

/** Compiles the package, which decorators need: tsx makes no metadata. Two that build at the same time wait for each other. */
export async function buildPackage(): Promise<void> {
  await withLock(`${ROOT}dist/build-package.lock`, async () => {
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const child = spawn(process.execPath, [tsc, '-p', `${ROOT}libs/activemq/tsconfig.lib.json`], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>]);
    if (code !== 0) throw new Error(`The package does not compile:\n${out}`);
  });
}

/** An idempotent consumer in a process of its own. */
export class MortalConsumer {
  /** What it told: `handling <body>`, and the store's answers to `complete`. */
  readonly told: string[] = [];
  readonly #child: ChildProcess;

  private constructor(settings: MortalConsumerSettings) {
    const env = { ...process.env, TSX_TSCONFIG_PATH: `${ROOT}scripts/tsconfig.built.json` };
    this.#child = fork(FILE, [JSON.stringify(settings)], { execArgv: ['--import', 'tsx'], env });
    this.#child.on('message', (what: string) => this.told.push(what));
  }

  /** Resolves when it is subscribed. */
  static async start(settings: MortalConsumerSettings): Promise<MortalConsumer> {
    const consumer = new MortalConsumer(settings);
    const [first] = (await Promise.race([once(consumer.#child, 'message'), once(consumer.#child, 'exit')])) as [unknown];
    if (first !== 'ready') throw new Error(`The consumer ended before it was subscribed: ${String(first)}`);
    return consumer;
  }

  /** Whether its process is there. */
  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it is gone. */
  async dead(): Promise<void> {
    if (this.isAlive) await once(this.#child, 'exit');
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** Lets its handler end, of one that dies never. */
  finish(): void {
    this.#child.send('finish');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.dead();
  }
}
