import { describe, expect, it } from 'vitest';

import { confirm, connected, type PeerScript, wellBehaved, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { ActiveMqConnection } from './activemq-connection.js';
import { cleanUpConnections, closeAfterTest, connectionSettings, failoverUrl, linkTo } from './connection.fixture.js';
import { heapUsed } from './heap.fixture.js';
import { MessageProducer } from './message-producer.js';

cleanUpConnections();
cleanUpSessions();

/** What a test keeps would be counted too: this broker does not remember. */
function forgetting(script: PeerScript): PeerScript {
  return (frame, peer) => {
    script(frame, peer);
    peer.received.length = 0;
  };
}

const BODY = Buffer.alloc(10_000, 'x');

describe('memory', () => {
  it('does not grow with what is sent to a broker that confirms nothing: what is past the window is not written', async () => {
    const broker = await startFakeBroker(wellBehavedExcept({ SEND: () => undefined }));
    const { link } = linkTo(failoverUrl([broker]));
    const producer = new MessageProducer(link, { windowMessages: 1_000, windowBytes: 20 * BODY.length, connectionTimeout: 0 });
    const { session } = await link.session();
    const sent = Array.from({ length: 5_000 }, () => rejection(producer.send({ destination: '/queue/a' }, BODY, 200)));
    expect([producer.pending, session.pendingReceipts]).toEqual([5_000, 20]);
    await Promise.all(sent);
    expect([producer.pending, session.pendingReceipts]).toEqual([0, 0]);
  });

  it('does not grow with what is sent to a broker that reads nothing', async () => {
    const broker = await startFakeBroker((frame, peer) => {
      if (frame.command !== 'CONNECT') return;
      connected(peer);
      peer.socket.pause();
    });
    const { link } = linkTo(failoverUrl([broker]));
    const windowBytes = 200 * BODY.length;
    const producer = new MessageProducer(link, { windowMessages: 1_000, windowBytes, connectionTimeout: 0 });
    const { session } = await link.session();
    // Each round fills the window, and gives up: what was written stays in the socket.
    for (let round = 0; round < 10; round++) {
      const sent = Array.from({ length: 200 }, () => rejection(producer.send({ destination: '/queue/a' }, BODY, 30)));
      for (const error of await Promise.all(sent)) expect(error.message).toContain('no broker confirmed it within 30 ms');
    }
    expect(session.bufferedBytes).toBeGreaterThan(0);
    expect(session.bufferedBytes).toBeLessThan(2.1 * windowBytes);
  });

  it('keeps nothing of a hundred thousand confirmed sends', async () => {
    const broker = await startFakeBroker(forgetting(wellBehaved));
    const { link } = linkTo(failoverUrl([broker]));
    const producer = new MessageProducer(link, { windowMessages: 256, windowBytes: 1_000_000, connectionTimeout: 0 });
    const { session } = await link.session();
    const send = async (count: number) => {
      for (let rest = count; rest > 0; rest -= 1_000) {
        await Promise.all(Array.from({ length: 1_000 }, () => producer.send({ destination: '/queue/a' }, BODY.subarray(0, 10), 30_000)));
      }
      expect([producer.pending, session.pendingReceipts]).toEqual([0, 0]);
    };
    await send(10_000);
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = await heapUsed();
    await send(100_000);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBeLessThanOrEqual(timers);
    // One object of 40 bytes kept per send would be 4 MB.
    expect((await heapUsed()) - before).toBeLessThan(3_000_000);
  }, 60_000);

  it('keeps nothing of a hundred thousand destinations', async () => {
    const broker = await startFakeBroker(forgetting(wellBehaved));
    const { link } = linkTo(failoverUrl([broker]));
    const producer = new MessageProducer(link, { windowMessages: 256, windowBytes: 1_000_000, connectionTimeout: 0 });
    await link.session();
    let queues = 0;
    const send = async (count: number) => {
      for (let rest = count; rest > 0; rest -= 1_000) {
        const sent = () => producer.send({ destination: `/queue/${++queues}` }, BODY.subarray(0, 10), 30_000);
        await Promise.all(Array.from({ length: 1_000 }, sent));
      }
    };
    await send(10_000);
    const before = await heapUsed();
    await send(100_000);
    expect((await heapUsed()) - before).toBeLessThan(3_000_000);
  }, 60_000);

  it('keeps nothing of twenty thousand browses of one session', async () => {
    const script = wellBehavedExcept({
      SUBSCRIBE: (frame, peer) => {
        confirm(frame, peer);
        peer.send('MESSAGE', { subscription: frame.headers['id'], 'message-id': '0', browser: 'end', destination: '/queue/a' });
      },
    });
    const broker = await startFakeBroker(forgetting(script));
    const connection = closeAfterTest(new ActiveMqConnection(connectionSettings(failoverUrl([broker]))));
    const browse = async (count: number) => {
      for (let rest = count; rest > 0; rest -= 100) {
        await Promise.all(Array.from({ length: 100 }, () => connection.browse('/queue/a').next()));
      }
    };
    await browse(2_000);
    const before = await heapUsed();
    await browse(20_000);
    expect((await heapUsed()) - before).toBeLessThan(3_000_000);
  }, 60_000);
});
