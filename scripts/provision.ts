import { provisionBroker } from 'activemq-cluster';

import { provisionSpringPeer } from '../test/integration/java/spring-peer.js';
import { provisionRedis } from '../test/support/redis-server.js';
import { provisionChromium, thisMachine } from './provision/chromium.js';

/** What the tests need besides npm's packages: an ActiveMQ, a Redis, a Chromium and a Spring application's jars with a Java compiler. All are tried, so that one run tells all that is missing. */
const progress = (line: string) => console.log(line);
const parts: readonly (readonly [string, () => Promise<string>])[] = [
  ['ActiveMQ', async () => describeBroker(await provisionBroker({ progress }))],
  ['Redis', () => provisionRedis(progress)],
  ['Chromium', () => provisionChromium(thisMachine(progress))],
  ['Spring', () => provisionSpringPeer(progress)],
];

for (const [name, provision] of parts) {
  try {
    console.log(`${name}: ${await provision()}`);
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

function describeBroker({ version, source, home }: Awaited<ReturnType<typeof provisionBroker>>): string {
  return `${version} (${source}) in ${home}`;
}
