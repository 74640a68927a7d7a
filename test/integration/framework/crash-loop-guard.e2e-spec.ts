import 'reflect-metadata';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type BundledProcess, bundleProcess } from '../../support/bundled-process.js';
import { countsOf, listenerOn, LogLines, until } from './delivery.fixture.js';
import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const children: ChildProcess[] = [];
let bundled: BundledProcess;

beforeAll(async () => {
  bundled = await bundleProcess(new URL('./crash-loop.process.ts', import.meta.url));
});

afterAll(() => bundled.remove());

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
});

/** A process that is loaded and waits; what it says after that. */
async function consumer(queue: string): Promise<{ readonly child: ChildProcess; readonly said: string[] }> {
  const child = fork(bundled.program, [bench.cluster.brokerUrl, queue], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(child);
  await once(child, 'message');
  const said: string[] = [];
  child.on('message', (text: string) => said.push(text));
  return { child, said };
}

describe('a message that kills its process', () => {
  it('is dead-lettered after as many deaths as there are attempts, beyond those that look like bad luck; its neighbours are handled', async () => {
    const queue = bench.queue();
    const client = await bench.client();
    for (const order of ['a', 'poison', 'b', 'c']) await client.send(queue, order, { idempotencyKey: `${queue} ${order}` });
    // Loaded at once, since each of them is needed.
    const consumers = await Promise.all(Array.from({ length: 4 }, () => consumer(queue)));
    const last = consumers.pop()!;
    for (const { child } of consumers) {
      const exited = once(child, 'exit');
      child.send('go');
      expect(await exited).toEqual([null, 'SIGKILL']);
    }
    last.child.send('go');
    await until(() => expect(last.said).toHaveLength(3));
    expect(consumers.map(({ said }) => said)).toEqual([['a', 'poison'], ['poison'], ['poison']]);
    const reason = 'it has ended 3 consumers, at least 1 more than any other message of its queue';
    // The broker puts what comes back behind what was still waiting to be delivered again.
    expect(last.said).toEqual(['b', 'c', `dead-lettered: ${reason}`]);
    const dead = (await client.browse('ActiveMQ.DLQ')).filter(({ headers }) => headers['idempotencyKey']?.startsWith(queue));
    expect(dead.map(({ body }) => body.toString())).toEqual(['poison']);
    expect(dead[0]?.headers).toMatchObject({ deadLetterReason: reason, deliveryCount: '3', originalDestination: `queue://${queue}` });
    expect(await client.bodies(queue)).toEqual([]);
  });
});

describe('messages that come back together', () => {
  it('are none of them to blame: they are handled one at a time and in order, then all is as ever', async () => {
    const queue = bench.queue();
    const sender = await bench.client();
    for (const order of ['a', 'b', 'c']) await sender.send(queue, order);
    for (let deaths = 0; deaths < 4; deaths++) {
      const client = await bench.client();
      const { frames } = await client.take(queue);
      await until(() => expect(frames).toHaveLength(3));
      await client.close();
    }
    const handled: string[] = [];
    const logger = new LogLines();
    const { promise: release, resolve } = deferred();
    const Listener = listenerOn({ destination: queue, concurrency: 2, redelivery: { maximumRedeliveries: 0 } }, async (message) => {
      handled.push(message.text());
      if (message.text() === 'long') await release;
    });
    const app = await bench.app({ providers: [Listener], options: { logger } });
    await until(() => expect(countsOf(app)).toMatchObject({ acknowledged: 3, deadLettered: 0 }));
    expect(handled).toEqual(['a', 'b', 'c']);
    expect(logger.text).toMatch(/warn .* holds messages that have ended several consumers; those that come back are handled one at a time/);
    // The first that has not come back is the last one that is handled alone.
    for (const order of ['fresh', 'long', 'beside it']) await sender.send(queue, order);
    await until(() => expect(handled).toEqual(['a', 'b', 'c', 'fresh', 'long', 'beside it']));
    resolve();
    await until(() => expect(countsOf(app).acknowledged).toBe(6));
  });
});
