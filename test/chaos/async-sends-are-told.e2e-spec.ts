import { type Cluster, startCluster } from 'activemq-cluster';
import { JmsMessagingTemplate, SendError } from 'nestjs-activemq';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { bootApplication } from '../support/application.js';
import { duplicatesOf, numberedListener } from '../support/numbered-listener.js';

const MESSAGES = 10_000;
const QUEUE = 'chaos.async';
let cluster: Cluster;

beforeEach(async () => {
  cluster = await startCluster({ topology: 'shared-file', nodes: 2 });
});

afterEach(async () => {
  await cluster.down();
});

it('kill -9 in the middle of 10 000 async sends: one callback each, every confirmed message is stored, no message that was "not sent" is', async () => {
  const producer = await bootApplication({ brokerUrl: cluster.brokerUrl });
  const jms = producer.get(JmsMessagingTemplate);
  const callbacks = new Map<number, number>();
  const confirmed = new Set<number>();
  const failed = new Map<number, unknown>();
  const called = (n: number) => callbacks.set(n, (callbacks.get(n) ?? 0) + 1);
  const onSuccess = (n: number) => {
    called(n);
    confirmed.add(n);
  };
  const onException = (n: number, error: unknown) => {
    called(n);
    failed.set(n, error);
  };
  let killed: Promise<unknown> | undefined;

  for (let n = 0; n < MESSAGES; n++) {
    // Every fourth one has less time than a new master takes: what is told of those is as true as of the others.
    const sendTimeout = n % 4 === 0 ? 400 : 60_000;
    await jms.convertAndSendAsync(
      QUEUE,
      { n },
      { sendTimeout, onSuccess: () => onSuccess(n), onException: (error) => onException(n, error) },
    );
    if (!killed && confirmed.size > MESSAGES / 3) killed = cluster.killMaster();
  }
  await killed;
  await cluster.waitForMaster();
  await jms.flush();
  await producer.close();

  const Listener = numberedListener({ destination: QUEUE, concurrency: 50 });
  const consumer = await bootApplication({ brokerUrl: cluster.brokerUrl }, [Listener]);
  const listener = consumer.get(Listener);
  await vi.waitFor(() => expect([...confirmed].filter((n) => !listener.handled.has(n))).toEqual([]), { timeout: 60_000 });
  // Behind everything that lies in the queue.
  await consumer.get(JmsMessagingTemplate).convertAndSend(QUEUE, { n: -1 });
  await vi.waitFor(() => expect(listener.handled.has(-1)).toBe(true), { timeout: 60_000 });
  await consumer.close();

  expect(killed).toBeDefined();
  expect([callbacks.size, [...callbacks.values()].filter((times) => times !== 1)]).toEqual([MESSAGES, []]);
  expect(confirmed.size + failed.size).toBe(MESSAGES);
  expect([...failed.values()].every((error) => error instanceof SendError)).toBe(true);
  const notSent = [...failed].filter(([, error]) => (error as SendError).outcome === 'not-sent').map(([n]) => n);
  expect(notSent.filter((n) => listener.handled.has(n))).toEqual([]);
  // Only messages whose receipt was lost can be there twice: at most a window of them.
  expect(duplicatesOf(listener).length).toBeLessThanOrEqual(256);
});
