import { startCluster } from 'activemq-cluster';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import { EmbeddedBroker } from '../../../libs/activemq/src/embedded/index.js';
import { openTransport } from '../../../libs/activemq/src/stomp/transport.js';
import { EMBEDDED_CONFIGURATIONS, REAL_CONFIGURATIONS } from './broker-configurations.js';
import { BrokerUnderTest } from './broker-under-test.js';
import './provided-brokers.js';

/** A broker that a test may kill. */
export interface MortalBroker extends BrokerUnderTest {
  /** `kill -9`, then a start on the same data; resolves when it takes connections again. */
  killAndRestart(): Promise<void>;
}

/** Runs the tests on a broker of each kind that nobody else uses. */
export function describeOnEachMortalBroker(title: string, tests: (broker: MortalBroker) => void): void {
  for (const provided of inject('conformanceBrokers')) {
    describe(`${title} [ActiveMQ ${provided.version}]`, () => {
      let port = 0;
      let killAndRestart: MortalBroker['killAndRestart'];
      let down: () => Promise<void>;
      beforeAll(async () => {
        const cluster = await startCluster({
          topology: 'single',
          ...(provided.requested === undefined ? {} : { version: provided.requested }),
          broker: REAL_CONFIGURATIONS.policies,
          jvmOptions: ['-XX:TieredStopAtLevel=1'],
        });
        const [node] = cluster.nodes;
        down = async () => cluster.down();
        port = node!.ports.stomp;
        killAndRestart = async () => {
          await cluster.kill(node!.name);
          await cluster.start(node!.name);
        };
      });
      afterAll(async () => down());
      const broker = new BrokerUnderTest(`ActiveMQ ${provided.version}`, provided.version, async (signal) =>
        openTransport({ host: '127.0.0.1', port, secure: false }, signal),
      );
      tests(Object.assign(broker, { killAndRestart: async () => killAndRestart() }));
    });
  }
  describe(`${title} [embedded]`, () => {
    const embedded = new EmbeddedBroker({ ...EMBEDDED_CONFIGURATIONS.policies, log: () => undefined });
    beforeAll(async () => void (await embedded.start()));
    afterAll(async () => embedded.stop());
    const broker = new BrokerUnderTest('embedded', 'embedded', async () => Promise.resolve(embedded.connect()));
    const killAndRestart = async () => {
      embedded.kill();
      await embedded.start();
    };
    tests(Object.assign(broker, { killAndRestart }));
  });
}
