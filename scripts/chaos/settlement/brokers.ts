import { type BrokerOptions, type Cluster, startCluster } from 'activemq-cluster';
import { setTimeout as delay } from 'node:timers/promises';

import { LIMIT } from './combination.js';

/** ms before the broker's `redeliveryPlugin` brings a message back; it takes no less. */
const PLUGIN_DELAY = 1_000;

/** The broker's own policies, which match the strategies by the names of the queues. */
const BROKER: BrokerOptions = {
  policyEntries: [
    { queue: 'chaos.individual.>', deadLetterStrategy: { kind: 'individual', attributes: { queuePrefix: 'DLQ.' } } },
    { queue: 'chaos.broker.>', deadLetterStrategy: { kind: 'individual', attributes: { queuePrefix: 'BROKER.DLQ.' } } },
    { queue: 'chaos.discarding.>', deadLetterStrategy: { kind: 'discarding' } },
  ],
  plugins: [
    `<redeliveryPlugin fallbackToDeadLetter="true" sendToDlqIfMaxRetriesExceeded="true"><redeliveryPolicyMap><redeliveryPolicyMap><redeliveryPolicyEntries>
      <redeliveryPolicy queue="chaos.*.broker.&gt;" maximumRedeliveries="${LIMIT - 1}" initialRedeliveryDelay="${PLUGIN_DELAY}" redeliveryDelay="${PLUGIN_DELAY}"/>
    </redeliveryPolicyEntries></redeliveryPolicyMap></redeliveryPolicyMap></redeliveryPlugin>`,
  ],
};

/** A master and its slave on one store. */
export class Brokers {
  readonly cluster: Cluster;
  #slave: Promise<void> = Promise.resolve();

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  static async start(): Promise<Brokers> {
    const jvmOptions = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    return new Brokers(await startCluster({ topology: 'shared-file', nodes: 2, lockPollInterval: 100, jvmOptions, broker: BROKER }));
  }

  /** STOMP ports, one for each broker. */
  get ports(): readonly number[] {
    return this.cluster.nodes.map(({ ports }) => ports.stomp);
  }

  /** The STOMP port of the master, as soon as there is one. */
  async port(): Promise<number> {
    return (await this.cluster.waitForMaster(120_000)).ports.stomp;
  }

  /** Readies `kill -9` of the master, once there is a slave to take over. Calling what it resolves with kills, at once. */
  async readyToKill(): Promise<() => Promise<void>> {
    await this.#slave;
    const master = await this.cluster.waitForMaster(120_000);
    return async () => {
      // At once: Cluster.kill looks at the process first.
      if (master.pid !== undefined) process.kill(master.pid, 'SIGKILL');
      while ((await master.refresh()) !== 'stopped') await delay(10);
      this.#slave = this.#restart(master.name);
      // Awaited before the next kill, and at the end.
      this.#slave.catch(() => undefined);
    };
  }

  /** Ends both brokers and removes their data. */
  async down(): Promise<void> {
    await this.#slave.catch(() => undefined);
    await this.cluster.down();
  }

  async #restart(name: string): Promise<void> {
    await this.cluster.waitForMaster(120_000);
    await this.cluster.start(name);
  }
}
