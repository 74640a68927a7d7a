import { describe, expect, it } from 'vitest';

import { confirm, connected, type FakeBroker, wellBehaved, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import type { StompFrame } from '../stomp/frame.js';
import { cleanUpSessions, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { cleanUpConnections, failoverUrl, linkTo } from './connection.fixture.js';
import { MessageProducer } from './message-producer.js';

cleanUpConnections();
cleanUpSessions();

const OPTIONS = 'priorityBackup=true&initialReconnectDelay=10&maxReconnectDelay=50';

/** A broker that refuses everybody until it is told to serve. */
async function priorityAndBackup() {
  const priority = await startFakeBroker((_, peer) => peer.drop());
  const backup = await startFakeBroker();
  const opened: number[] = [];
  const moved = (count: number) =>
    new Promise<void>((resolve) => {
      waiting.push({ count, resolve });
    });
  const waiting: { count: number; resolve: () => void }[] = [];
  const { link, reports } = linkTo(failoverUrl([priority, backup], OPTIONS), {
    onOpen: ({ uri }) => {
      opened.push(uri.port);
      for (const { count, resolve } of waiting) if (opened.length >= count) resolve();
    },
  });
  return { priority, backup, link, reports, opened, moved };
}

describe('priorityBackup', () => {
  it('moves back to the priority broker when it can be reached again, in a new epoch', async () => {
    const { priority, backup, link, reports, opened, moved } = await priorityAndBackup();
    const before = await link.session();
    expect(before.uri.port).toBe(backup.port);
    const back = moved(2);
    priority.script = wellBehaved;
    await back;
    expect(opened).toEqual([backup.port, priority.port]);
    expect(reports).toEqual(['open 1', `lost ${backup.port}`, 'open 2']);
    expect((await before.session.closed).message).toContain(`stomp://127.0.0.1:${priority.port} can be reached again`);
    expect(backup.received('DISCONNECT')).toHaveLength(1);
    await backup.untilAllClosed();
  });

  it('loses and repeats nothing that was sent while it moves', async () => {
    const { priority, backup, link, opened, moved } = await priorityAndBackup();
    const producer = new MessageProducer(link, { windowMessages: 4, windowBytes: 1_000, connectionTimeout: 0 });
    backup.script = slowly;
    const sent: Promise<unknown>[] = [];
    await link.session();
    const back = moved(2);
    priority.script = wellBehaved;
    while (opened.length < 2 || sent.length < 20) {
      sent.push(producer.send({ destination: '/queue/a', idempotencyKey: `${sent.length}` }, Buffer.from('x'), 0));
      await sent[sent.length - 3];
    }
    await Promise.all([...sent, back]);
    expect([...keys(backup), ...keys(priority)]).toEqual(sent.map((_, number) => `${number}`));
    expect(keys(priority).length).toBeGreaterThan(0);
    expect(producer.resent).toBe(0);
  });

  it('does not wait for ever for a backup that confirms nothing: it moves, and sends again', async () => {
    const { priority, backup, link, moved } = await priorityAndBackup();
    const producer = new MessageProducer(link, { windowMessages: 4, windowBytes: 1_000, connectionTimeout: 0 });
    backup.script = (frame, peer) => {
      if (frame.command === 'CONNECT') connected(peer);
      if (frame.command === 'DISCONNECT') peer.drop();
    };
    const sent = producer.send({ destination: '/queue/a', idempotencyKey: 'k' }, Buffer.from('x'), 0);
    await backup.until(() => backup.received('SEND').length === 1);
    const back = moved(2);
    priority.script = wellBehaved;
    await back;
    expect((await sent).uri.port).toBe(priority.port);
    expect([keys(backup), keys(priority)]).toEqual([['k'], ['k']]);
  });

  it('looks no further while it is connected to the priority broker', async () => {
    const [priority, backup] = [await startFakeBroker(), await startFakeBroker()];
    const { link } = linkTo(failoverUrl([priority, backup], OPTIONS));
    const { session } = await link.session();
    await session.request('SEND', { destination: '/queue/a' });
    expect([priority.connects, backup.connects]).toEqual([1, 0]);
  });

  it('stops probing when the link is closed', async () => {
    const { priority, link } = await priorityAndBackup();
    await link.session();
    const probes = priority.connects;
    await priority.until(() => priority.connects > probes);
    await link.close(1_000);
    await priority.untilAllClosed();
    expect(link.current).toBeUndefined();
  });

  it('is no reason to miss the end: a link that is closed while it moves ends both sessions', async () => {
    const { priority, backup, link } = await priorityAndBackup();
    backup.script = wellBehavedExcept({ DISCONNECT: () => undefined });
    await link.session();
    priority.script = wellBehaved;
    await backup.until(() => backup.received('DISCONNECT').length === 1);
    expect(link.current).toBeUndefined();
    await expect(link.close(20)).rejects.toThrow('did not confirm DISCONNECT within 20 ms');
    await Promise.all([backup.untilAllClosed(), priority.untilAllClosed()]);
  });

  it('goes on with another broker when the priority broker drops it again', async () => {
    const { priority, backup, link, opened, moved } = await priorityAndBackup();
    await link.session();
    const [back, away] = [moved(2), moved(3)];
    priority.script = wellBehaved;
    await back;
    priority.script = (_, peer) => peer.drop();
    priority.peer.reset();
    await away;
    expect(opened).toEqual([backup.port, priority.port, backup.port]);
  });
});

/** Confirms a SEND only when the next frame comes: there is always one in flight. */
function slowly(frame: StompFrame, peer: FakeBroker['peer']): void {
  const previous = peer.received.at(-2);
  if (previous?.command === 'SEND') confirm(previous, peer);
  if (frame.command === 'SEND') setImmediate(() => peer.received.at(-1) === frame && confirm(frame, peer));
  else wellBehaved(frame, peer);
}

function keys(broker: FakeBroker): (string | undefined)[] {
  return broker.received('SEND').map((frame) => frame.headers['idempotencyKey']);
}
