import { fork } from 'node:child_process';
import { once } from 'node:events';

import type { IdempotencyStore } from 'nestjs-activemq/idempotency';

/** What a worker is told to do. */
export type WorkerOrder =
  | { readonly do: 'claim' | 'complete' | 'release' | 'renew'; readonly request: Parameters<IdempotencyStore['claim']>[0] }
  /** Renews the claim until told otherwise. */
  | { readonly do: 'keep'; readonly request: Parameters<IdempotencyStore['claim']>[0] }
  | { readonly do: 'stop keeping' }
  /** Makes its wall clock wrong. */
  | { readonly do: 'set clock'; readonly byMs: number }
  /** Blocks the event loop, in ms. */
  | { readonly do: 'block'; readonly ms: number }
  /** Handles all keys in the order given, some at a time, each by counting it up in Redis. Answers how many it handled. */
  | { readonly do: 'handle'; readonly keys: readonly string[] };

/** A process of its own with a store on Redis. */
export interface Worker {
  readonly pid: number;
  readonly alive: boolean;
  order(order: WorkerOrder): Promise<unknown>;
  /** Ends it as `kill -9` does; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a worker. */
export async function startWorker(url: string): Promise<Worker> {
  const file = new URL('./worker.process.ts', import.meta.url);
  const child = fork(file, [url], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const pid = child.pid;
  if (pid === undefined) throw new Error('the worker did not start');
  const next = async () => {
    const gone = new AbortController();
    const died = once(child, 'exit', { signal: gone.signal }).then(([code, signal]) => {
      throw new Error(`the worker ended: ${String(signal ?? code)}`);
    });
    try {
      const [answer] = (await Promise.race([once(child, 'message'), died])) as [{ ok?: unknown; error?: string }];
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.ok;
    } finally {
      gone.abort();
      died.catch(() => undefined);
    }
  };
  await next();
  const worker: Worker = {
    pid,
    get alive() {
      return child.exitCode === null && child.signalCode === null;
    },
    async order(order) {
      const answer = next();
      child.send(order);
      return answer;
    },
    async kill() {
      if (!worker.alive) return;
      const exited = once(child, 'exit');
      process.kill(pid, 'SIGKILL');
      await exited;
    },
  };
  return worker;
}
