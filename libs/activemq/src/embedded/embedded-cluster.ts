import type { Duplex } from 'node:stream';

import { ConfigurationError, IllegalStateError } from '../errors/index.js';
import type { EmbeddedBrokerOptions } from './broker/broker-options.js';
import { EmbeddedBroker } from './embedded-broker.js';
import { MessageStore } from './store/message-store.js';
import { MemorySocket } from './transport/memory-socket.js';

/** Options of an embedded cluster. */
export interface EmbeddedClusterOptions extends Omit<EmbeddedBrokerOptions, 'name' | 'store'> {
  /** Names of the nodes, two or more; default `a` and `b`. The first becomes the master. */
  readonly nodes?: readonly string[];
  /** Ms a slave needs to take over after the master died (its wait for the lock of the store); default 0: at once. */
  readonly takeoverDelay?: number;
}

/**
 * Brokers that share one store, master and slaves as two ActiveMQ on one KahaDB: a failover for unit tests, in milliseconds.
 *
 * A slave refuses connections as a closed port does. After a takeover the persistent messages, durable subscriptions and schedules are
 * there; what was in flight comes again without `redelivered`, as from an ActiveMQ without `persistJMSRedelivered`.
 */
export class EmbeddedCluster {
  readonly #nodes: ReadonlyMap<string, EmbeddedBroker>;
  readonly #takeoverDelay: number;
  /** Nodes that wait for the lock, in the order they came. */
  #slaves: string[];
  #master: string | undefined;
  /** Ends the wait of a slave without a takeover. */
  #cancelTakeover: () => void = () => undefined;
  #takeovers: Promise<void> = Promise.resolve();

  /** @throws ConfigurationError when there are fewer than two nodes, two of one name, or another option is wrong */
  constructor({ nodes = ['a', 'b'], takeoverDelay = 0, ...options }: EmbeddedClusterOptions = {}) {
    if (nodes.length < 2 || new Set(nodes).size !== nodes.length) {
      throw new ConfigurationError(`An embedded cluster of the nodes [${nodes.join(', ')}]: give two or more names, each once`);
    }
    if (!Number.isSafeInteger(takeoverDelay) || takeoverDelay < 0) {
      throw new ConfigurationError(`The embedded cluster's takeoverDelay is ${takeoverDelay}: give a whole number of ms, 0 or more`);
    }
    const store = new MessageStore();
    this.#nodes = new Map(nodes.map((name) => [name, new EmbeddedBroker({ ...options, name, store })]));
    this.#takeoverDelay = takeoverDelay;
    this.#slaves = [...nodes];
  }

  /** The names of all nodes, dead ones included. */
  get nodes(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  /** The name of the master, `undefined` while there is none. */
  get masterName(): string | undefined {
    return this.#master;
  }

  /** @throws IllegalStateError while there is no master */
  get master(): EmbeddedBroker {
    const master = this.#master === undefined ? undefined : this.#nodes.get(this.#master);
    if (master !== undefined) return master;
    throw new IllegalStateError('The embedded cluster has no master: call start(), or restart() a dead node');
  }

  /** Starts the nodes: the first becomes the master. */
  async start(): Promise<this> {
    if (this.#master === undefined) await this.#promote();
    return this;
  }

  /** Ends all nodes. */
  async stop(): Promise<void> {
    this.#cancelTakeover();
    this.#slaves = [];
    this.#master = undefined;
    for (const node of this.#nodes.values()) await node.stop();
  }

  /**
   * Kills the master as by `kill -9`; a slave takes over after the delay.
   *
   * @returns resolves when a slave has taken over, at once when there is none
   * @throws IllegalStateError while there is no master
   */
  killMaster(): Promise<void> {
    this.master.kill();
    this.#master = undefined;
    this.#takeovers = this.#takeoverDelay === 0 ? this.#promote() : this.#waitForLock().then(() => this.#promote());
    return this.#takeovers;
  }

  /**
   * Starts a dead node again: as a slave, or as the master when there is none.
   *
   * @throws ConfigurationError when there is no node of that name
   */
  async restart(name: string): Promise<void> {
    this.#node(name);
    if (this.#master === name || this.#slaves.includes(name)) return;
    this.#slaves.push(name);
    await this.#takeovers;
    if (this.#master === undefined) await this.#promote();
  }

  /**
   * The client's end of a new connection to a node. A slave and a dead node refuse it: the connection fails with `ECONNREFUSED`.
   *
   * @throws ConfigurationError when there is no node of that name
   */
  connect(name: string): Duplex {
    const node = this.#node(name);
    return this.#master === name ? node.connect() : MemorySocket.refused(`vm://${name}`);
  }

  #node(name: string): EmbeddedBroker {
    const node = this.#nodes.get(name);
    if (node !== undefined) return node;
    throw new ConfigurationError(`The embedded cluster has no node "${name}": use one of ${this.nodes.join(', ')}`);
  }

  #waitForLock(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#takeoverDelay);
      this.#cancelTakeover = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #promote(): Promise<void> {
    const next = this.#slaves.shift();
    if (next === undefined) return;
    // The name first: start() is done with all that matters before it awaits its ports.
    this.#master = next;
    await this.#node(next).start();
  }
}
