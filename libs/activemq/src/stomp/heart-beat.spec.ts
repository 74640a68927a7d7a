import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { connected, wellBehavedExcept } from './fake-broker.fixture.js';
import { pass } from './failover-bench.fixture.js';
import { HeartBeat, negotiateHeartBeat, type HeartBeatPeer } from './heart-beat.js';
import { openStompSession } from './open-stomp-session.js';
import { cleanUpSessions, openSession, sessionOptions } from './stomp-session.fixture.js';
import { openTransport } from './transport.js';

describe('negotiating heart-beats', () => {
  it.each([
    ['the slower wish counts, in each direction', '2000,500', { outgoing: 1_000, incoming: 3_000 }],
    ['a broker that sends none and wants none', '0,0', { outgoing: 0, incoming: 0 }],
    ['a broker that only sends', '4000,0', { outgoing: 0, incoming: 4_000 }],
    ['a broker that only wants', '0,4000', { outgoing: 4_000, incoming: 0 }],
    ['spaces round the comma', '5000 , 6000', { outgoing: 6_000, incoming: 5_000 }],
    ['no header', undefined, { outgoing: 0, incoming: 0 }],
    ['nonsense', '1e3,-5', { outgoing: 0, incoming: 0 }],
    ['a number no timer can wait', '99999999999,99999999999', { outgoing: 0, incoming: 0 }],
  ])('%s', (_, answer, agreed) => {
    expect(negotiateHeartBeat({ outgoing: 1_000, incoming: 3_000 }, answer)).toEqual(agreed);
  });

  it('a direction we switched off stays off', () => {
    expect(negotiateHeartBeat({ outgoing: 0, incoming: 0 }, '1000,1000')).toEqual({ outgoing: 0, incoming: 0 });
  });
});

describe('HeartBeat', () => {
  const stopping: HeartBeat[] = [];
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    for (const heartBeat of stopping.splice(0)) heartBeat.stop();
    vi.useRealTimers();
  });

  function start(intervals: { outgoing?: number; incoming?: number }, peer: Partial<HeartBeatPeer>): HeartBeat {
    const heartBeat = new HeartBeat(
      { outgoing: 0, incoming: 0, ...intervals },
      { lastWriteAt: () => 0, lastReadAt: () => 0, beat: () => undefined, onSilence: () => undefined, ...peer },
    );
    stopping.push(heartBeat);
    return heartBeat;
  }

  it('writes at least as often as promised while nothing else is written', async () => {
    let lastWriteAt = performance.now();
    const gaps: number[] = [];
    start(
      { outgoing: 1_000 },
      {
        lastWriteAt: () => lastWriteAt,
        beat: () => {
          gaps.push(performance.now() - lastWriteAt);
          lastWriteAt = performance.now();
        },
      },
    );
    await pass(10_000);
    expect(gaps.length).toBeGreaterThanOrEqual(10);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_000);
  });

  it('writes nothing while frames go out', async () => {
    const beat = vi.fn<() => void>();
    start({ outgoing: 1_000 }, { lastWriteAt: () => performance.now() - 400, beat });
    await pass(10_000);
    expect(beat).not.toHaveBeenCalled();
  });

  it('reports a silence of two and a half intervals, once', async () => {
    const onSilence = vi.fn<(ms: number) => void>();
    const lastReadAt = performance.now();
    start({ incoming: 1_000 }, { lastReadAt: () => lastReadAt, onSilence });
    await pass(2_500);
    expect(onSilence).not.toHaveBeenCalled();
    // On the fake clock what is put off from within a timer comes 1 ms later.
    await pass(501);
    expect(onSilence.mock.calls).toEqual([[3_001]]);
    await pass(60_000);
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it('bears a broker that is a whole interval late', async () => {
    const onSilence = vi.fn<(ms: number) => void>();
    start({ incoming: 1_000 }, { lastReadAt: () => Math.floor(performance.now() / 2_000) * 2_000, onSilence });
    await pass(60_000);
    expect(onSilence).not.toHaveBeenCalled();
  });

  it('reports nothing after it was stopped, and leaves no timer', async () => {
    const onSilence = vi.fn<(ms: number) => void>();
    const heartBeat = start({ incoming: 1_000, outgoing: 1_000 }, { lastReadAt: () => -10_000, onSilence });
    heartBeat.stop();
    await pass(10_000);
    expect(onSilence).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the heart-beats of a session', () => {
  cleanUpSessions();

  it('are written while it is idle', async () => {
    const { broker } = await openSession(wellBehavedExcept({ CONNECT: (_, peer) => connected(peer, { 'heart-beat': '0,20' }) }), {
      heartBeat: { outgoing: 20, incoming: 0 },
    });
    await broker.until(() => broker.peer.heartBeats >= 5);
    expect(broker.peer.received.map(({ command }) => command)).toEqual(['CONNECT']);
  });

  it('end it when the broker stops them, and every receipt with it', async () => {
    const { broker, session } = await openSession(
      (frame, peer) => {
        if (frame.command === 'CONNECT') connected(peer, { 'heart-beat': '20,0' });
      },
      { heartBeat: { outgoing: 0, incoming: 20 } },
    );
    const sent = session.request('SEND', { destination: '/queue/a' });
    await expect(sent).rejects.toThrow(/was silent for \d+ ms; its heart-beats stopped/);
    expect((await session.closed).message).toMatch(/was silent for/);
    await broker.untilAllClosed();
  });

  it('do not end it after this process was too busy to read them', async () => {
    const worker = new Worker(BEATING_BROKER, { eval: true });
    try {
      const [port] = (await once(worker, 'message')) as [number];
      const options = sessionOptions({ port } as never, {
        heartBeat: { outgoing: 0, incoming: 200 },
        openTransport: (signal) => openTransport({ host: '127.0.0.1', port, secure: false }, signal),
      });
      const session = await openStompSession(options);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
      await session.request('SEND', { destination: '/queue/a' });
      expect(session.isOpen).toBe(true);
      session.destroy();
    } finally {
      await worker.terminate();
    }
  });
});

/** A broker with an event loop of its own, which beats every 50 ms and confirms everything after 300 ms. */
const BEATING_BROKER = `
  const net = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      socket.write('CONNECTED\\nversion:1.2\\nheart-beat:50,0\\n\\n\\0');
      const beats = setInterval(() => socket.write('\\n'), 50);
      socket.on('close', () => clearInterval(beats));
      socket.on('data', (chunk) => {
        const receipt = /receipt:(\\w+)/.exec(chunk);
        if (receipt) setTimeout(() => socket.write('RECEIPT\\nreceipt-id:' + receipt[1] + '\\n\\n\\0'), 300);
      });
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
