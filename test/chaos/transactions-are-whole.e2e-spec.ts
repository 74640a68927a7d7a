import { Injectable } from '@nestjs/common';
import { type Cluster, startCluster } from 'activemq-cluster';
import { JmsListener, JmsMessagingTemplate, SendError, TransactionRolledBackError } from 'nestjs-activemq';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { bootApplication } from '../support/application.js';

const PARTS = 3;
let cluster: Cluster;

beforeEach(async () => {
  cluster = await startCluster({ topology: 'shared-file', nodes: 2 });
});

afterEach(async () => {
  await cluster.down();
});

/** How many messages of each transaction lie in the queue. */
async function partsOnQueue(queue: string): Promise<ReadonlyMap<string, number>> {
  const parts = new Map<string, number>();
  @Injectable()
  class Counter {
    @JmsListener({ destination: queue, concurrency: 20 })
    onPart({ id }: { id: string }): void {
      parts.set(id, (parts.get(id) ?? 0) + 1);
    }
  }
  const consumer = await bootApplication({ brokerUrl: cluster.brokerUrl }, [Counter]);
  // Behind everything that lies there.
  await consumer.get(JmsMessagingTemplate).convertAndSend(queue, { id: 'end' });
  await vi.waitFor(() => expect(parts.get('end')).toBe(1), { timeout: 60_000 });
  await consumer.close();
  parts.delete('end');
  return parts;
}

it('kill -9 of the broker: what was committed is there whole and once, what was rolled back is not, what is unknown is whole or not there', async () => {
  const app = await bootApplication({ brokerUrl: cluster.brokerUrl });
  const jms = app.get(JmsMessagingTemplate);
  const committed = new Set<string>();
  const rolledBack = new Set<string>();
  const unknown = new Set<string>();
  const stop = new AbortController();
  const send = async (lane: number) => {
    for (let n = 0; !stop.signal.aborted; n++) {
      const id = `${lane}.${n}`;
      try {
        await jms.transaction(async (tx) => {
          for (let part = 0; part < PARTS; part++) await tx.convertAndSend('chaos.tx', { id, part });
        });
        committed.add(id);
      } catch (error) {
        if (error instanceof TransactionRolledBackError) rolledBack.add(id);
        else if (error instanceof SendError && error.outcome === 'unknown') unknown.add(id);
        else throw error;
      }
    }
  };
  const senders = Array.from({ length: 8 }, (_, lane) => send(lane));
  for (let kill = 0; kill < 2; kill++) {
    const before = committed.size;
    await vi.waitFor(() => expect(committed.size).toBeGreaterThan(before + 50), { timeout: 30_000 });
    const killed = await cluster.killMaster();
    await cluster.waitForMaster();
    await cluster.start(killed.name);
  }
  const before = committed.size;
  await vi.waitFor(() => expect(committed.size).toBeGreaterThan(before + 20), { timeout: 30_000 });
  stop.abort();
  await Promise.all(senders);
  await app.close();

  const parts = await partsOnQueue('chaos.tx');
  expect([...committed].filter((id) => parts.get(id) !== PARTS)).toEqual([]);
  expect([...rolledBack].filter((id) => parts.has(id))).toEqual([]);
  expect([...unknown].filter((id) => ![undefined, PARTS].includes(parts.get(id)))).toEqual([]);
  expect(rolledBack.size + unknown.size).toBeGreaterThan(0);
});

it('kill -9 of the sender: every transaction is there whole or not at all, each that was committed is', async () => {
  const file = new URL('./transaction-sender.process.ts', import.meta.url);
  const committed: string[] = [];
  const child = fork(file, [cluster.brokerUrl, 'chaos.sender'], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    child.on('message', (id: string) => committed.push(id) === 100 && resolve());
    child.once('exit', (code) => reject(new Error(`the sender ended by itself: ${code}`)));
  }).finally(() => child.kill('SIGKILL'));
  await ended;

  const parts = await partsOnQueue('chaos.sender');
  expect([...parts].filter(([, count]) => count !== PARTS)).toEqual([]);
  expect(committed.filter((id) => parts.get(id) !== PARTS)).toEqual([]);
});
