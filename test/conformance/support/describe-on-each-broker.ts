import { afterAll, beforeAll, describe, inject } from 'vitest';
import { EmbeddedBroker } from '../../../libs/activemq/src/embedded/index.js';
import { openTransport } from '../../../libs/activemq/src/stomp/transport.js';
import { APP_USER, type BrokerConfiguration, EMBEDDED_CONFIGURATIONS } from './broker-configurations.js';
import { BrokerUnderTest } from './broker-under-test.js';
import './provided-brokers.js';

/** Runs the tests on every broker of this run, with the given configuration (default `policies`): the same tests, so the same number, on each. */
export function describeOnEachBroker(
  title: string,
  tests: (broker: BrokerUnderTest) => void,
  configuration: BrokerConfiguration = 'policies',
): void {
  for (const { version, ports } of inject('conformanceBrokers')) {
    const target = { host: '127.0.0.1', port: ports[configuration], secure: false };
    describe(`${title} [ActiveMQ ${version}]`, () => {
      tests(
        new BrokerUnderTest(`ActiveMQ ${version}`, version, async (signal) => openTransport(target, signal), credentialsOf(configuration)),
      );
    });
  }
  describe(`${title} [embedded]`, () => {
    const embedded = new EmbeddedBroker({ ...EMBEDDED_CONFIGURATIONS[configuration], log: () => undefined });
    beforeAll(async () => void (await embedded.start()));
    afterAll(async () => embedded.stop());
    tests(new BrokerUnderTest('embedded', 'embedded', async () => Promise.resolve(embedded.connect()), credentialsOf(configuration)));
  });
}

function credentialsOf(configuration: BrokerConfiguration) {
  return configuration === 'guarded' ? APP_USER : {};
}
