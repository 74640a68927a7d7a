import { describe, expect, it } from 'vitest';

import { ActiveMqConnection } from '../connection/activemq-connection.js';
import { cleanUpConnections, closeAfterTest, connectionSettings, failoverUrl } from '../connection/connection.fixture.js';
import { BrokerError, ConfigurationError, ConnectionClosedError } from '../errors/index.js';
import { DefaultMessageConverter } from '../message/default-message-converter.js';
import { confirm, type FakePeer, type PeerScript, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import type { StompFrame } from '../stomp/frame.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { DeadLetterService } from './dead-letter-service.js';

cleanUpConnections();
cleanUpSessions();

const QUEUE = '/queue/ActiveMQ.DLQ';
const ALL = { all: true } as const;

/** A service on a broker that has these dead letters, deletes what is acknowledged, and is otherwise as it is told. */
async function morgue(ids: readonly string[], exceptions: Readonly<Record<string, PeerScript>> = {}, receiptTimeout = 100) {
  const queue = [...ids];
  const show = ({ headers }: StompFrame, peer: FakePeer, shown: readonly string[]) => {
    const from = { subscription: headers['id'], destination: QUEUE };
    const isBrowser = headers['browser'] === 'true';
    for (const id of shown) peer.send('MESSAGE', { ...from, 'message-id': id, ack: isBrowser ? 'next' : id }, Buffer.from('x'));
    if (isBrowser) peer.send('MESSAGE', { ...from, 'message-id': '0', browser: 'end' });
  };
  const chosen = ({ headers: { selector = '' } }: StompFrame) =>
    /^\(?JMSMessageID IN/.test(selector) ? queue.filter((id) => selector.includes(`'${id}'`)) : queue;
  const script = wellBehavedExcept({
    SUBSCRIBE: (frame, peer) => {
      confirm(frame, peer);
      const { destination, id } = frame.headers;
      if (destination?.startsWith('/temp-queue/')) inboxes.set(destination, id ?? '');
      else show(frame, peer, chosen(frame));
    },
    // What is sent to a temporary queue comes back, and nobody knows how deep a queue is.
    SEND: (frame, peer) => {
      confirm(frame, peer);
      const subscription = inboxes.get(frame.headers['destination'] ?? '');
      const { 'correlation-id': correlationId, depthEnd } = frame.headers;
      if (subscription) peer.send('MESSAGE', { subscription, 'message-id': 'ID:9', 'correlation-id': correlationId, depthEnd });
    },
    ...exceptions,
    ACK: (frame, peer) => {
      if (frame.headers['id'] === 'next') return;
      if (exceptions['ACK']) return exceptions['ACK'](frame, peer);
      settle(frame);
      confirm(frame, peer);
    },
  });
  const inboxes = new Map<string, string>();
  const settle = ({ headers }: StompFrame) => void queue.splice(0, queue.length, ...queue.filter((id) => id !== headers['id']));
  const broker = await startFakeBroker(script);
  const settings = connectionSettings(failoverUrl([broker], 'initialReconnectDelay=10&maxReconnectDelay=20'), {
    connectTimeout: 100,
    receiptTimeout,
  });
  const connection = closeAfterTest(new ActiveMqConnection(settings));
  const service = new DeadLetterService(connection, new DefaultMessageConverter());
  return { service, broker, connection, queue, settle, script, show };
}

describe('a selector', () => {
  const calls: readonly (readonly [string, (service: DeadLetterService, selector: string) => Promise<unknown>])[] = [
    ['list', (service, selector) => service.list(undefined, { selector })],
    ['sendBack', (service, selector) => service.sendBack({ selector })],
    ['delete', (service, selector) => service.delete({ selector })],
  ];

  it.each(calls)('that the broker refuses is named by %s as it was given, with the cure', async (_, call) => {
    const { service, broker, script } = await morgue([]);
    broker.script = (frame, peer) => {
      const { selector, receipt } = frame.headers;
      if (selector?.includes('a ==') === true) peer.send('ERROR', { 'receipt-id': receipt, message: selector });
      else script(frame, peer);
    };
    const error = await rejection(call(service, 'a =='));
    expect(error).toBeInstanceOf(BrokerError);
    expect(error.message).toBe(
      'No dead letters can be chosen in queue://ActiveMQ.DLQ: the broker refused the subscription with the selector "a ==": a ==; ' +
        `correct the selector, e.g. "region = 'EU' AND amount > 100"; the headers it names have to be Java identifiers`,
    );
  });

  it.each(calls)('with a `-` in a name is refused by %s: it would choose nothing', async (_, call) => {
    const { service } = await morgue([]);
    const error = await rejection(call(service, `original-destination = '/queue/a'`));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain(
      '`selector` reads original-destination as original minus destination, which is true of no message; write originalDestination',
    );
  });

  it('is not blamed when the user may not read', async () => {
    const { service } = await morgue([], {
      SUBSCRIBE: (frame, peer) =>
        peer.send('ERROR', { 'receipt-id': frame.headers['receipt'], message: 'User x is not authorized to read' }),
    });
    const error = await rejection(service.list(undefined, { selector: 'a = 1' }));
    expect(error.message).toBe('The broker refused: User x is not authorized to read');
  });
});

describe('a run over dead letters', () => {
  it('waits for a broker for as long as there is none, and goes on', async () => {
    const { service, broker, queue, settle, script } = await morgue(['1', '2'], {
      ACK: (frame, peer) => {
        settle(frame);
        if (queue.length > 0) {
          peer.drop();
          // For three connection attempts, each longer than the time that a list waits for a broker.
          let attempts = 0;
          broker.script = (next, another) => {
            if (++attempts <= 3) return;
            broker.script = script;
            script(next, another);
          };
        } else confirm(frame, peer);
      },
    });
    expect(await service.delete(ALL)).toMatchObject({ done: 2, failed: 0, unknown: 0, stopped: undefined });
  });

  it('says that it does not know of what was under way when it is stopped without a broker', async () => {
    const { service, broker } = await morgue(['1', '2'], {
      ACK: (_, peer) => {
        peer.drop();
        broker.script = () => undefined;
      },
    });
    expect(await service.delete(ALL, { signal: AbortSignal.timeout(250) })).toMatchObject({ done: 0, unknown: 1, stopped: 'aborted' });
  });

  it('looks for what is deleted without an answer, and deletes it again when it is there', async () => {
    let asked = 0;
    const { service, settle, queue } = await morgue(['1', '2'], {
      ACK: (frame, peer) => {
        asked++;
        // The first one is lost, the second one is done without an answer.
        if (asked > 1) settle(frame);
        if (asked > 2) confirm(frame, peer);
      },
    });
    expect(await service.delete(ALL)).toMatchObject({ done: 2, failed: 0, unknown: 0, stopped: undefined });
    expect([queue, asked]).toEqual([[], 3]);
  });

  it('does not count as done what a browser with a selector does not show, but one without does', async () => {
    let [asked, isCold] = [0, true];
    const { service, broker, queue, settle, show } = await morgue(['1'], {
      ACK: (frame, peer) => {
        if (++asked > 1) {
          settle(frame);
          confirm(frame, peer);
          return;
        }
        peer.drop();
        // After its restart the broker has nothing in its memory.
        const { script } = broker;
        broker.script = (next, nextPeer) => {
          const { destination, browser, selector } = next.headers;
          if (next.command !== 'SUBSCRIBE' || destination !== QUEUE || browser !== 'true') return script(next, nextPeer);
          confirm(next, nextPeer);
          if (selector === undefined) isCold = false;
          show(next, nextPeer, isCold ? [] : queue);
        };
      },
    });
    expect(await service.delete(ALL)).toMatchObject({ done: 1, failed: 0, unknown: 0 });
    expect([queue, asked]).toEqual([[], 2]);
  });

  it.each([
    ['one', { messageId: '1' }, { done: 0, unknown: 1, isTruncated: true }],
    ['all, up to the end of the queue', ALL, { done: 201, unknown: 0, isTruncated: false }],
  ])('does not count as done what may lie behind what the broker shows, unless it has seen the rest: %s', async (_, which, counts) => {
    const ids = Array.from({ length: 201 }, (_id, n) => `${n + 1}`);
    let isFirst = true;
    const { service, settle } = await morgue(ids, {
      ACK: (frame, peer) => {
        settle(frame);
        if (isFirst) peer.drop();
        else confirm(frame, peer);
        isFirst = false;
      },
    });
    expect(await service.delete(which)).toMatchObject({ ...counts, gone: 0, failed: 0, stopped: undefined });
  });

  it('ends with a report when its connection is closed meanwhile, and with an error when that was before the first one', async () => {
    const { service, connection } = await morgue(['1', '2', '3']);
    const report = await service.delete(ALL, { onProgress: () => void connection.close(100) });
    const error = { name: 'ConnectionClosedError', retryable: false };
    expect(report).toMatchObject({ done: 1, unknown: 1, failed: 0, stopped: 'error', error });
    await expect(service.delete(ALL)).rejects.toThrow(ConnectionClosedError);
  });
});

describe('the depth of a dead letter queue', () => {
  it('is asked for again after a connection that was lost, not after two, which the question may have ended', async () => {
    let asked = 0;
    const drop: PeerScript = ({ headers }, peer) => {
      if (headers['destination']?.includes('Statistics')) asked++;
      peer.drop();
    };
    const { service } = await morgue(['1'], { SEND: drop }, 5_000);
    for (let list = 0; list < 4; list++) expect(await service.list()).toMatchObject({ deadLetters: { length: 1 } });
    expect(asked).toBe(2);
  });

  it.each(['queue://x.>', 'topic://x.>'])('sends nothing back to the pattern %s', async (to) => {
    const { service, broker } = await morgue(['1']);
    await expect(service.sendBack(ALL, { to })).rejects.toThrow(ConfigurationError);
    expect(broker.connects).toBe(0);
  });

  it('says what is missing', async () => {
    const { service, broker } = await morgue(['1']);
    await expect(service.sendBack(undefined as never)).rejects.toThrow('DeadLetterService.sendBack(): the first argument is missing; give');
    await expect(service.delete(null as never)).rejects.toThrow('DeadLetterService.delete(): the first argument is missing; give');
    await expect(service.list({ limit: 3 } as never)).rejects.toThrow(
      'DeadLetterService.list(): the queue is a text, such as "ActiveMQ.DLQ"; options come second, as in list(undefined, { limit: 3 })',
    );
    expect(broker.connects).toBe(0);
  });
});
