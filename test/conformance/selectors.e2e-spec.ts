import { type Cluster, startCluster } from 'activemq-cluster';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerError } from '../../libs/activemq/src/errors/index.js';
import { openStompSession } from '../../libs/activemq/src/stomp/open-stomp-session.js';
import type { StompSession } from '../../libs/activemq/src/stomp/stomp-session.js';
import { openTransport } from '../../libs/activemq/src/stomp/transport.js';
import { KNOWN_DIFFERENCES, REDELIVERY_CASES, SELECTOR_CASES } from './selectors.cases.js';
import { ERROR, MESSAGES } from './selectors.fixture.js';

const TOPIC = '/topic/selectors';
const FENCE = '/topic/selectors.fence';
const QUEUE = '/queue/selectors';

let cluster: Cluster;
let session: StompSession;
let fences = 0;
let onFence: () => void = () => undefined;
let subscriptions = 0;

/** A broker dispatches to one connection in order: when this resolves, everything selected before has arrived. */
async function fence(): Promise<void> {
  fences++;
  const passed = new Promise<void>((resolve) => (onFence = resolve));
  session.write('SEND', { destination: FENCE, fence: String(fences) });
  await passed;
}

/** Sends all messages to a subscription with this selector and writes down who came and whose SEND failed, as the table does. */
async function selectFromTopic(selector: string): Promise<string[]> {
  const id = `selector-${++subscriptions}`;
  const selected: string[] = [];
  try {
    await session.subscribe(id, { destination: TOPIC, selector }, ({ headers }) => selected.push(headers['message'] ?? 'unnamed'));
  } catch (error) {
    if (error instanceof BrokerError) return [ERROR];
    throw error;
  }
  const names = Object.keys(MESSAGES);
  const sends = names.map((message) => session.request('SEND', { ...MESSAGES[message], destination: TOPIC, message }));
  const outcomes = await Promise.allSettled(sends);
  await fence();
  await session.unsubscribe(id);
  const failing = names.filter((_, index) => {
    const outcome = outcomes[index];
    if (outcome?.status !== 'rejected') return false;
    expect(outcome.reason).toBeInstanceOf(BrokerError);
    return true;
  });
  return failing.length === 0 ? [selected.join(' ')] : [selected.join(' '), failing.join(' ')];
}

/** The messages that a browser with this selector is shown. */
async function browse(selector: string): Promise<string[]> {
  const id = `browser-${++subscriptions}`;
  const seen: string[] = [];
  await new Promise<void>((resolve, reject) => {
    session
      .subscribe(id, { destination: QUEUE, selector, browser: 'true' }, ({ headers }) => {
        if (headers['browser'] === 'end') resolve();
        else seen.push(headers['message'] ?? 'unnamed');
      })
      .catch(reject);
  });
  await session.unsubscribe(id);
  return seen;
}

/** Leaves two messages on the queue: `fresh`, never delivered, and `returned`, delivered once and given back. */
async function prepareQueue(): Promise<void> {
  for (const message of ['fresh', 'returned']) await session.request('SEND', { destination: QUEUE, message });
  await new Promise<void>((resolve, reject) => {
    const headers = { destination: QUEUE, selector: `message = 'returned'`, ack: 'client-individual' };
    session.subscribe('taker', headers, () => resolve()).catch(reject);
  });
  await session.unsubscribe('taker');
}

beforeAll(async () => {
  cluster = await startCluster({ topology: 'single' });
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('the cluster has no node');
  session = await openStompSession({
    peer: node.url,
    openTransport: (signal) => openTransport({ host: '127.0.0.1', port: node.ports.stomp, secure: false }, signal),
    virtualHost: 'localhost',
    heartBeat: { outgoing: 0, incoming: 0 },
    connectTimeout: 10_000,
    receiptTimeout: 10_000,
  });
  await session.subscribe('fence', { destination: FENCE }, ({ headers }) => {
    if (headers['fence'] === String(fences)) onFence();
  });
});

afterAll(async () => {
  await session?.disconnect();
  await cluster?.down();
});

describe('selectors on a real broker', () => {
  describe.each(Object.entries(SELECTOR_CASES))('%s', (_, cases) => {
    it.each(cases.map(([selector, ...expected]) => ({ selector, expected })))('$selector', async ({ selector, expected }) => {
      expect(await selectFromTopic(selector)).toEqual(expected);
    });
  });

  describe('of messages that were delivered before', () => {
    beforeAll(prepareQueue);

    it.each(REDELIVERY_CASES)('%j', async (selector, fresh, returned) => {
      const expected = [...(fresh ? ['fresh'] : []), ...(returned ? ['returned'] : [])];
      expect((await browse(selector)).sort()).toEqual(expected);
    });
  });

  it.each(KNOWN_DIFFERENCES)('accepts what the embedded broker refuses: %s', async (selector) => {
    expect(await selectFromTopic(selector)).not.toEqual([ERROR]);
  });
});
