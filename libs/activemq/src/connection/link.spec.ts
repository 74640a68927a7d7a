import { describe, expect, it } from 'vitest';

import { ConnectError, ConnectionClosedError } from '../errors/index.js';
import { confirm, connected, wellBehaved, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import { FailoverConnector } from '../stomp/failover-connector.js';
import { parseBrokerUrl } from '../stomp/failover-uri.js';
import { cleanUpSessions, openSession, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import type { StompSession } from '../stomp/stomp-session.js';
import { cleanUpConnections, failoverUrl, linkTo, RecordingLogger } from './connection.fixture.js';
import { Link, type LinkSession } from './link.js';

cleanUpConnections();
cleanUpSessions();

describe('Link', () => {
  it('opens a session only when somebody wants it, and again in a new epoch when it dies', async () => {
    const broker = await startFakeBroker();
    const { link, reports } = linkTo(failoverUrl([broker]));
    expect([link.current, link.isStarted, broker.connects]).toEqual([undefined, false, 0]);
    const first = await link.session();
    expect(link.current).toBe(first);
    expect(await link.session()).toBe(first);
    broker.peer.reset();
    await first.session.closed;
    expect(link.current).toBeUndefined();
    const second = await link.session();
    expect([first.epoch, second.epoch]).toEqual([1, 2]);
    expect(reports).toEqual(['open 1', `lost ${broker.port}`, 'open 2']);
  });

  it('hands a session to those who wait in their order, but for those who have given up', async () => {
    const broker = await startFakeBroker(() => undefined);
    const { link } = linkTo(failoverUrl([broker]));
    const log: string[] = [];
    const abort = new AbortController();
    const wait = (name: string, signal?: AbortSignal) =>
      link.session(signal).then(
        () => log.push(name),
        (error: Error) => log.push(`${name}: ${error.message}`),
      );
    const waiting = [wait('a'), wait('b', abort.signal), wait('c', new AbortController().signal)];
    await broker.until(() => broker.received('CONNECT').length === 1);
    abort.abort(new Error('too late'));
    await waiting[1];
    connected(broker.peer);
    await Promise.all(waiting);
    expect(log).toEqual(['b: too late', 'a', 'c']);
  });

  it('lets nobody wait whose time is over already', async () => {
    const { link } = linkTo(failoverUrl([await startFakeBroker(() => undefined)]));
    expect((await rejection(link.session(AbortSignal.abort(new Error('too late'))))).message).toBe('too late');
  });

  it('gives up when the attempts are used up, tells everybody, and starts anew when it is told to', async () => {
    const broker = await startFakeBroker((_, peer) => peer.drop());
    const { link, reports } = linkTo(failoverUrl([broker], 'startupMaxReconnectAttempts=2'));
    const errors = await Promise.all([rejection(link.session()), rejection(link.session())]);
    expect(errors[0]).toBeInstanceOf(ConnectError);
    expect(errors[0]).toBe(errors[1]);
    expect(await rejection(link.session())).toBe(errors[0]);
    expect([broker.connects, link.isStarted]).toEqual([2, false]);
    broker.script = wellBehaved;
    link.start();
    await link.session();
    expect(reports).toEqual(['gave up', 'open 1']);
  });

  it('can be started anew from within the report that it gave up', async () => {
    const broker = await startFakeBroker((_, peer) => peer.drop());
    const { link, reports } = linkTo(failoverUrl([broker], 'startupMaxReconnectAttempts=1'), {
      onGaveUp: () => {
        broker.script = wellBehaved;
        link.start();
      },
    });
    await rejection(link.session());
    await link.session();
    expect(reports).toEqual(['gave up', 'open 1']);
  });

  it('reports nothing of a session that was dead when it came', async () => {
    const { session: dead } = await openSession();
    const { session: alive } = await openSession();
    dead.destroy();
    const sessions = [dead, alive];
    const reports: string[] = [];
    const connector = new FailoverConnector<StompSession>({
      uri: parseBrokerUrl('stomp://127.0.0.1'),
      open: () => Promise.resolve(sessions.shift() as StompSession),
      logger: new RecordingLogger(),
    });
    const link = new Link(connector, {
      onStarted: () => reports.push('started'),
      onOpen: () => reports.push('open'),
      onLost: () => reports.push('lost'),
      onGaveUp: () => reports.push('gave up'),
    });
    expect((await link.session()).session).toBe(alive);
    expect(reports).toEqual(['started', 'open']);
    await link.close(1_000);
  });

  it('does not reconnect in a hot loop to a broker that confirms a subscription and drops', async () => {
    const broker = await startFakeBroker(
      wellBehavedExcept({
        SUBSCRIBE: (frame, peer) => {
          confirm(frame, peer);
          peer.socket.end();
        },
      }),
    );
    const at: number[] = [];
    const done = new Promise<void>((resolve) => {
      const subscribe = ({ session }: LinkSession) => {
        at.push(performance.now());
        if (at.length === 6) resolve();
        else
          void rejection(
            session.subscribe('s1', { destination: '/queue/a' }, () => undefined).then(() => session.closed.then((e) => Promise.reject(e))),
          );
      };
      linkTo(failoverUrl([broker]), { onOpen: subscribe }).link.start();
    });
    await done;
    // 10, 20, 40, 80, 160 ms, 15 % less at most; at 10 ms each it would be 50.
    expect((at[5] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(250);
  });

  it.each(['SEND', 'MESSAGE'])('begins with short pauses again when a session was good for a %s', async (command) => {
    const broker = await startFakeBroker(
      wellBehavedExcept({
        SUBSCRIBE: (frame, peer) => {
          if (command === 'MESSAGE') peer.send('MESSAGE', { subscription: 's1' });
          confirm(frame, peer);
        },
      }),
    );
    const logger = new RecordingLogger();
    const { link } = linkTo(failoverUrl([broker]), {}, { logger });
    for (let round = 0; round < 5; round++) {
      const { session } = await link.session();
      await session.request('SUBSCRIBE', { id: 's1', destination: '/queue/a' });
      if (command === 'SEND') await session.request('SEND', { destination: '/queue/a' });
      session.destroy();
    }
    await link.session();
    const pauses = logger.lines.map((line) => /Waiting (\d+) ms/.exec(line)?.[1]).filter((pause) => pause !== undefined);
    expect(pauses.length).toBe(5);
    for (const pause of pauses) expect(Number(pause)).toBeLessThanOrEqual(12);
  });

  it('moves away from a broker when it is told to', async () => {
    const [first, second] = [await startFakeBroker(), await startFakeBroker()];
    const { link } = linkTo(failoverUrl([first, second]));
    const before = await link.session();
    link.reconnect(new ConnectionClosedError('maintenance'));
    const after = await link.session();
    expect([before.uri.port, after.uri.port]).toEqual([first.port, second.port]);
    expect((await before.session.closed).message).toBe('maintenance');
  });
});

describe('closing a link', () => {
  it('that is open DISCONNECTs, and is final', async () => {
    const broker = await startFakeBroker();
    const { link, reports } = linkTo(failoverUrl([broker]));
    await link.session();
    await link.close(1_000);
    expect(broker.received('DISCONNECT')).toHaveLength(1);
    const error = await rejection(link.session());
    expect(error).toMatchObject({ name: ConnectionClosedError.name, retryable: false });
    link.start();
    await link.close(1_000);
    await broker.untilAllClosed();
    expect([reports, broker.connects, link.isStarted]).toEqual([['open 1'], 1, false]);
  });

  it('that waits for a silent broker ends the attempt at once', async () => {
    const broker = await startFakeBroker(() => undefined);
    const { link } = linkTo(failoverUrl([broker]));
    const waiting = rejection(link.session());
    await broker.until(() => broker.received('CONNECT').length === 1);
    await link.close(60_000);
    expect(await waiting).toMatchObject({ message: 'The connection is closed', retryable: false });
    await broker.untilAllClosed();
  });

  it('that sleeps between attempts ends the sleep', async () => {
    const broker = await startFakeBroker((_, peer) => peer.drop());
    const logger = new RecordingLogger();
    const { link, reports } = linkTo(failoverUrl([broker], 'initialReconnectDelay=30000'), {}, { logger });
    const waiting = rejection(link.session());
    await logger.until('Waiting');
    await link.close(60_000);
    expect((await waiting).message).toBe('The connection is closed');
    expect([reports, broker.connects]).toEqual([[], 1]);
  });

  it('that was never opened is nothing', async () => {
    const { link } = linkTo('stomp://127.0.0.1:1');
    await link.close(1_000);
    await expect(link.session()).rejects.toThrow('The connection is closed');
  });

  it('keeps its deadline when the broker does not confirm, and closes the socket', async () => {
    const broker = await startFakeBroker(wellBehavedExcept({ DISCONNECT: () => undefined }));
    const { link } = linkTo(failoverUrl([broker]));
    await link.session();
    await expect(link.close(20)).rejects.toThrow('did not confirm DISCONNECT within 20 ms');
    await broker.untilAllClosed();
  });
});
