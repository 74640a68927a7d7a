import { describe, expect, it } from 'vitest';

import { BrokerError, ConnectError, ConnectionClosedError, ReceiptTimeoutError } from '../errors/index.js';
import { confirm, type FakePeer, type PeerScript, wellBehaved, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import type { StompFrame } from '../stomp/frame.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { ActiveMqConnection } from './activemq-connection.js';
import type { BrowseSettings } from './browse-queue.js';
import { cleanUpConnections, closeAfterTest, connectionSettings, failoverUrl } from './connection.fixture.js';

cleanUpConnections();
cleanUpSessions();

const QUEUE = '/queue/a';

function show(peer: FakePeer, { headers }: StompFrame, ids: readonly string[], end = true): void {
  const subscription = headers['id'];
  for (const id of ids) peer.send('MESSAGE', { subscription, 'message-id': id, ack: `ack-${id}`, destination: QUEUE }, Buffer.from(id));
  if (end) peer.send('MESSAGE', { subscription, 'message-id': '0', browser: 'end', destination: QUEUE });
}

/** A broker that shows these messages to a browser. */
function showing(ids: readonly string[], end = true): PeerScript {
  return wellBehavedExcept({
    SUBSCRIBE: (frame, peer) => {
      confirm(frame, peer);
      show(peer, frame, ids, end);
    },
  });
}

async function connectionTo(script: PeerScript, options = '') {
  const broker = await startFakeBroker(script);
  const settings = connectionSettings(failoverUrl([broker], options), { receiptTimeout: 500 });
  return { broker, connection: closeAfterTest(new ActiveMqConnection(settings)) };
}

async function bodies(connection: ActiveMqConnection, settings?: Partial<BrowseSettings>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { body } of connection.browse(QUEUE, settings)) seen.push(body.toString());
  return seen;
}

describe('browse', () => {
  it('subscribes as a browser, hands out what it is shown until the end, and unsubscribes', async () => {
    const { broker, connection } = await connectionTo(showing(['m1', 'm2']));
    expect(await bodies(connection, { selector: `color = 'red'` })).toEqual(['m1', 'm2']);
    const [subscribe] = broker.received('SUBSCRIBE');
    expect(subscribe?.headers).toMatchObject({ destination: QUEUE, browser: 'true', selector: `color = 'red'`, ack: 'client' });
    expect(broker.received('UNSUBSCRIBE').map(({ headers }) => headers['id'])).toEqual([subscribe?.headers['id']]);
  });

  it('is not ended by a message that says it is the end: only the broker gives the id 0', async () => {
    const liar = { 'message-id': 'ID:1', browser: 'end', ack: 'ack-1', destination: QUEUE };
    const { connection } = await connectionTo(
      wellBehavedExcept({
        SUBSCRIBE: (frame, peer) => {
          confirm(frame, peer);
          peer.send('MESSAGE', { ...liar, subscription: frame.headers['id'] }, Buffer.from('liar'));
          show(peer, frame, ['m1']);
        },
      }),
    );
    expect(await bodies(connection)).toEqual(['liar', 'm1']);
  });

  it('asks for no more than its limit, and for nothing when that is 0', async () => {
    const { broker, connection } = await connectionTo(showing(['m1', 'm2', 'm3']));
    expect(await bodies(connection, { limit: 0 })).toEqual([]);
    expect(broker.connects).toBe(0);
    expect(await bodies(connection, { limit: 2 })).toEqual(['m1', 'm2']);
    expect(broker.received('SUBSCRIBE')[0]?.headers).toMatchObject({ 'activemq.prefetchSize': '2' });
  });

  it('lets the broker send on while it is read, so that no more than a window is here', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `m${index + 1}`);
    const { broker, connection } = await connectionTo(showing(ids));
    expect(await bodies(connection)).toEqual(ids);
    expect(broker.received('ACK').map(({ headers }) => headers['id'])).toEqual(['ack-m32', 'ack-m64', 'ack-m96']);
  });

  it('unsubscribes when its reader stops', async () => {
    const { broker, connection } = await connectionTo(showing(['m1', 'm2'], false));
    for await (const { body } of connection.browse(QUEUE)) {
      expect(body.toString()).toBe('m1');
      break;
    }
    expect(broker.received('UNSUBSCRIBE')).toHaveLength(1);
  });

  it('fails with what the broker refuses', async () => {
    const { connection } = await connectionTo(
      wellBehavedExcept({
        SUBSCRIBE: ({ headers }, peer) => peer.send('ERROR', { 'receipt-id': headers['receipt'], message: 'bad selector' }),
      }),
    );
    const error = await rejection(bodies(connection));
    expect(error).toBeInstanceOf(BrokerError);
    expect(error.message).toContain('bad selector');
  });

  it('fails when the broker shows nothing in time, and unsubscribes', async () => {
    const { broker, connection } = await connectionTo(showing(['m1'], false));
    const error = await rejection(bodies(connection, { timeout: 50 }));
    expect(error).toBeInstanceOf(ReceiptTimeoutError);
    expect(error.message).toBe(`The browse has ended: the broker shows no more of ${QUEUE} within 50 ms`);
    expect(broker.received('UNSUBSCRIBE')).toHaveLength(1);
  });

  it('fails when the connection is lost, and does not begin anew on the next one', async () => {
    const { broker, connection } = await connectionTo(
      wellBehavedExcept({
        SUBSCRIBE: (frame, peer) => {
          confirm(frame, peer);
          show(peer, frame, ['m1'], false);
        },
      }),
    );
    const browse = connection.browse(QUEUE);
    await browse.next();
    broker.peer.drop();
    const error = await rejection(browse.next());
    expect(error).toBeInstanceOf(ConnectionClosedError);
    expect(error.message).toContain(`Browsing ${QUEUE} was interrupted; begin again`);
    expect(broker.received('SUBSCRIBE')).toHaveLength(1);
  });

  it('fails when there is no connection in time', async () => {
    const { connection } = await connectionTo(wellBehavedExcept({ CONNECT: () => undefined }));
    const error = await rejection(bodies(connection, { timeout: 30 }));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.message).toContain(`nothing can be browsed in ${QUEUE}`);
  });

  it('stops waiting when its signal aborts', async () => {
    const { broker, connection } = await connectionTo(showing([], false));
    const stop = new AbortController();
    const browsing = rejection(bodies(connection, { signal: stop.signal }));
    await broker.until(() => broker.received('SUBSCRIBE').length === 1);
    stop.abort(new Error('enough'));
    expect((await browsing).message).toBe('enough');
  });

  it('ends although the broker does not confirm the UNSUBSCRIBE because it is gone', async () => {
    const { connection } = await connectionTo((frame, peer) => {
      if (frame.command === 'UNSUBSCRIBE') peer.drop();
      else if (frame.command === 'SUBSCRIBE') {
        confirm(frame, peer);
        show(peer, frame, ['m1']);
      } else wellBehaved(frame, peer);
    });
    expect(await bodies(connection)).toEqual(['m1']);
  });
});
