import { type Cluster, startCluster } from 'activemq-cluster';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { ActiveMqConnection } from '../../../libs/activemq/src/connection/activemq-connection.js';
import { parseBrokerUrl } from '../../../libs/activemq/src/stomp/failover-uri.js';

let cluster: Cluster;
let connection: ActiveMqConnection;

beforeAll(async () => {
  cluster = await startCluster({ topology: 'shared-file' });
});

afterAll(async () => {
  await connection?.close(5_000);
  await cluster?.down();
});

/** A connection to the cluster, and how often it tried to connect. */
function connect() {
  const attempts: string[] = [];
  const lines: string[] = [];
  const note = (line: string) => {
    lines.push(line);
    if (line.startsWith('Attempting')) attempts.push(line);
  };
  connection = new ActiveMqConnection({
    name: 'default',
    failover: parseBrokerUrl(`${cluster.brokerUrl}&maxReconnectDelay=500`),
    heartBeat: { outgoing: 2_000, incoming: 2_000 },
    connectTimeout: 5_000,
    receiptTimeout: 10_000,
    recoveryInterval: 1_000,
    sendWindow: { messages: 64, bytes: 1_000_000 },
    openVmTransport: () => Promise.reject(new Error('there is no vm:// here')),
    logger: { debug: note, log: note, warn: note, error: note },
  });
  return { attempts, lines };
}

it('a connection moves to the slave when the master is killed: every confirmed message is consumed, none is lost', async () => {
  const { attempts } = connect();
  const consumed = new Map<string, number>();
  const interruptions: string[] = [];
  let lookAgain = (): void => undefined;
  const consumer = connection.createConsumer(
    { headers: { destination: '/queue/failover', ack: 'client-individual', 'activemq.prefetchSize': '50' } },
    {
      onDelivery: (delivery) => {
        const key = delivery.frame.headers['idempotencyKey'] ?? '';
        if (delivery.acknowledge()) consumed.set(key, (consumed.get(key) ?? 0) + 1);
        lookAgain();
      },
      onSubscribed: (uri) => interruptions.push(`subscribed at ${uri}`),
      onRefused: (error) => interruptions.push(`refused: ${error.message}`),
      onInterrupted: () => interruptions.push('interrupted'),
    },
  );
  connection.start();
  consumer.start();
  await connection.whenConnected();
  const before = connection.brokerUri;
  const resumed = new Promise<number>((resolve) => void connection.on('resumed', ({ interruptedFor }) => resolve(interruptedFor)));

  const confirmed = new Set<string>();
  const send = async (number: number) => {
    const key = `m-${number}`;
    await connection.send({ destination: '/queue/failover', persistent: 'true', idempotencyKey: key }, Buffer.from(key), 60_000);
    confirmed.add(key);
  };
  let number = 0;
  const burst = () => Promise.all(Array.from({ length: 100 }, () => send(number++)));
  await burst();
  const attemptsBefore = attempts.length;
  const inFlight = burst();
  const killed = cluster.killMaster();
  await Promise.all([inFlight, killed]);
  for (let round = 0; round < 5; round++) await burst();
  const interruptedFor = await resumed;

  expect(connection.brokerUri).not.toBe(before);
  expect(confirmed.size).toBe(700);
  await new Promise<void>((resolve) => {
    lookAgain = () => consumed.size >= confirmed.size && resolve();
    lookAgain();
  });
  expect([...confirmed].filter((key) => !consumed.has(key))).toEqual([]);
  // The slave looks for the lock every 500 ms and opens its port when it has replayed its journal.
  expect(interruptedFor).toBeLessThan(10_000);
  // Two links, at most one round of two brokers per pause of 10, 20, 40 ... 500 ms.
  const rounds = 8 + interruptedFor / 400;
  expect(attempts.length - attemptsBefore).toBeLessThanOrEqual(2 * 2 * rounds);
  expect(interruptions.filter((line) => line.startsWith('subscribed'))).toHaveLength(2);
});
