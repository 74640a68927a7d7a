import { setTimeout as delay } from 'node:timers/promises';

import type { Cluster, NodeStatus, ServiceStatus } from 'activemq-cluster';

/** ms between two looks. */
const LOOK_INTERVAL = 200;

/** Starts what has ended, as systemd would: a process that a fault took down only once it may come back. */
export class Supervisor {
  readonly #starting = new Set<string>();
  readonly #ended = new AbortController();
  #away: readonly string[] = [];
  #watching: Promise<void>;

  constructor(
    private readonly cluster: Cluster,
    private readonly tell: (line: string) => void,
  ) {
    this.#watching = this.#watch();
  }

  /** These stay down until {@link release}. */
  hold(names: readonly string[]): void {
    this.#away = names;
  }

  /** All may be up again. */
  release(): void {
    this.#away = [];
  }

  /**
   * Resolves once every process does its part, and in a network every bridge is there.
   *
   * @throws Error, with what is missing, after `timeout` ms
   */
  async untilWhole(timeout: number): Promise<void> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const missing = (await this.#look()).filter(({ state }) => WANTING.includes(state));
      if (missing.length === 0) break;
      if (performance.now() > deadline) {
        throw new Error(`not whole again after ${timeout} ms: ${missing.map(({ name, state }) => `${name} is ${state}`).join(', ')}`);
      }
      await delay(LOOK_INTERVAL);
    }
    await this.cluster.waitUntilComplete(Math.max(1, deadline - performance.now()));
  }

  /** Looks no longer; resolves once nothing is being started any more. */
  async end(): Promise<void> {
    this.#ended.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const starts = new Set<Promise<void>>();
    while (!this.#ended.signal.aborted) {
      for (const { name, state } of await this.#look()) {
        if (state !== 'stopped' || this.#away.includes(name) || this.#starting.has(name)) continue;
        const start = this.#start(name).finally(() => starts.delete(start));
        starts.add(start);
      }
      await delay(LOOK_INTERVAL);
    }
    await Promise.all(starts);
  }

  async #start(name: string): Promise<void> {
    this.#starting.add(name);
    try {
      this.tell(`starting ${name}`);
      await this.cluster.start(name);
    } catch (error) {
      // It may have been on its way already, or need what is not there yet: the next look tries again.
      this.tell(`${name} did not start: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`);
    } finally {
      this.#starting.delete(name);
    }
  }

  async #look(): Promise<readonly (NodeStatus | ServiceStatus)[]> {
    const [services, nodes] = await Promise.all([this.cluster.serviceStatus(), this.cluster.status()]);
    return [...services, ...nodes];
  }
}

const WANTING: readonly NodeStatus['state'][] = ['stopped', 'starting', 'paused', 'partitioned'];
