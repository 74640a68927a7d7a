import { type Cluster, startCluster } from 'activemq-cluster';
import { setTimeout as delay } from 'node:timers/promises';

import { readOptions, wholeNumber } from './parts/arguments.js';
import { BrokerClient } from './parts/broker-client.js';

/** What {@link run} takes. */
export const usage = `npm run chaos -- scheduled-firing [options]
  --rounds N     40: how often the broker is killed
  --no-receipts  the messages are sent without asking for a receipt: ActiveMQ does not wait until it has stored what it fires
  --json         the last line is the verdict`;

/** Messages of a round, due one after the other. */
const MESSAGES = 200;
/** ms between two of them. */
const APART = 10;
/** ms until the first of them is due. */
const FIRST = 1_000;
/** Sends of somebody else that are under way all the time: they keep the store busy. */
const OTHERS = 100;
const QUEUE = 'fired';

/** The broker is killed while its scheduler fires messages: are all of them there afterwards? None is acknowledged, so all have to be. */
export async function run(args: readonly string[]): Promise<number> {
  const values = readOptions(args, {
    rounds: { type: 'string', default: '40' },
    'no-receipts': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const rounds = wholeNumber('--rounds', values.rounds);
  const cluster = await startCluster({ topology: 'single' });
  let lost = 0;
  try {
    for (let round = 1; round <= rounds; round++) {
      const missing = await killWhileFiring(cluster, `${QUEUE}.${round}`, !values['no-receipts']);
      console.error(`round ${round} of ${rounds}: ${missing.length === 0 ? 'all are there' : `lost ${missing.join(', ')}`}`);
      lost += missing.length;
    }
  } finally {
    await cluster.down();
  }
  const verdict = { rounds, messages: rounds * MESSAGES, lost };
  if (values.json) console.log(JSON.stringify(verdict));
  else console.table(verdict);
  return lost === 0 ? 0 : 1;
}

/** Numbers of the messages that are not there after the kill. */
async function killWhileFiring(cluster: Cluster, queue: string, withReceipts: boolean): Promise<readonly number[]> {
  const [node] = cluster.nodes;
  if (!node) throw new Error('the cluster has no broker');
  const client = await BrokerClient.connect(node.ports.stomp);
  await client.watch(queue, () => undefined);
  const numbers = Array.from({ length: MESSAGES }, (_, n) => n);
  await client.sendAll(
    numbers.map((n) => ({ queue, body: String(n), headers: { AMQ_SCHEDULED_DELAY: String(FIRST + n * APART), n: String(n) } })),
    withReceipts,
  );
  const others = await BrokerClient.connect(node.ports.stomp);
  const killed = new AbortController();
  const keepSending = async () => {
    while (!killed.signal.aborted) await others.send('others', 'x'.repeat(500));
  };
  const sending = Promise.allSettled(Array.from({ length: OTHERS }, keepSending));
  await delay(FIRST + Math.random() * MESSAGES * APART);
  killed.abort();
  if (node.pid !== undefined) process.kill(node.pid, 'SIGKILL');
  await sending;
  while ((await node.refresh()) !== 'stopped') await delay(10);
  await cluster.start(node.name);
  const after = await BrokerClient.connect((await cluster.waitForMaster(60_000)).ports.stomp);
  // Twice in a row: the last one may be on its way from the scheduler to its queue.
  for (let quiet = 0; quiet < 2; quiet = (await after.scheduledJobs()) === 0 ? quiet + 1 : 0) await delay(200);
  const found = new Set<string | undefined>();
  for (const { headers } of await after.drain(queue, (await after.depths()).get(queue) ?? 0)) found.add(headers['n']);
  await after.close();
  return numbers.filter((n) => !found.has(String(n)));
}
