import { type Cluster, type ClusterNode, startCluster } from 'activemq-cluster';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { ConnectionClosedError } from '../../../libs/activemq/src/errors/index.js';
import { closeSessionsAfterAll, open, rejection } from './wire.fixture.js';

let cluster: Cluster;
let node: ClusterNode;

beforeEach(async () => {
  cluster ??= await startCluster({ topology: 'single' });
  const [only] = cluster.nodes;
  if (!only) throw new Error('a cluster without nodes');
  const { state } = await only.status();
  if (state === 'paused') await cluster.resume(only.name);
  if (state === 'stopped') await cluster.start(only.name);
  node = await cluster.waitForMaster();
});

afterAll(() => cluster?.down());
closeSessionsAfterAll();

describe('a session whose broker', () => {
  it('is killed rejects every receipt at once', async () => {
    const session = await open(node.ports.stomp);
    await session.request('SEND', { destination: '/queue/a' }, Buffer.from('x'));
    // A stopped process takes bytes and answers nothing: these receipts are awaited when it is killed.
    await cluster.pause(node.name);
    const sent = Array.from({ length: 10 }, () => rejection(session.request('SEND', { destination: '/queue/a' }, Buffer.from('x'))));
    expect(session.pendingReceipts).toBe(10);
    const killedAt = performance.now();
    const killed = cluster.kill(node.name);
    const errors = await Promise.all(sent);
    expect(performance.now() - killedAt).toBeLessThan(2_000);
    for (const error of errors) expect(error).toBeInstanceOf(ConnectionClosedError);
    expect(session).toMatchObject({ isOpen: false, pendingReceipts: 0 });
    await killed;
  });

  it('is stopped without closing its sockets is given up when its heart-beats stop', async () => {
    const session = await open(node.ports.stomp, { heartBeat: { outgoing: 500, incoming: 500 } });
    await session.request('SEND', { destination: '/queue/a' }, Buffer.from('x'));
    await cluster.pause(node.name);
    const stoppedAt = performance.now();
    const sent = rejection(session.request('SEND', { destination: '/queue/a' }, Buffer.from('x')));
    const reason = await session.closed;
    expect(reason.message).toMatch(/was silent for \d+ ms; its heart-beats stopped/);
    expect(performance.now() - stoppedAt).toBeLessThan(4_000);
    expect(await sent).toBe(reason);
  });
});
