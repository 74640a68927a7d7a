import { fileURLToPath } from 'node:url';

import { type Cluster, startCluster } from 'activemq-cluster';
import { EmbeddedBroker } from 'nestjs-activemq/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ForeignClientName, provisionForeignClients, runForeignClient } from '../../support/foreign-clients.js';

/** A script made of what a client's own documentation shows, and what it prints. */
interface Conversation {
  readonly title: string;
  readonly client: ForeignClientName;
  readonly script: string;
  readonly arguments: readonly string[];
  readonly lines: readonly string[];
}

const stompPy = (version: string, deadLetter: readonly string[]): Conversation => ({
  title: `stomp.py speaks STOMP ${version}: subscribe, send, ack${deadLetter.length > 0 ? ', nack' : ''}, transactions, an error, disconnect`,
  client: 'python',
  script: 'stomp-py.py',
  arguments: [version],
  lines: [
    'connected True',
    'message first 1',
    'message größe: 2 text/plain',
    ...deadLetter,
    'message committed',
    'message committed, too',
    'error Invalid transaction id: nobody-began-it',
    'message after the error',
    'disconnected False',
  ],
});

const CONVERSATIONS: readonly Conversation[] = [
  // STOMP 1.0 knows no NACK.
  stompPy('1.0', []),
  stompPy('1.1', ['dead letter größe: 2 /queue/python.1.1']),
  stompPy('1.2', ['dead letter größe: 2 /queue/python.1.2']),
  {
    title: 'Net::Stomp speaks STOMP 1.0 and 1.1: receipts, transactions, acks, nack, a selector, an error',
    client: 'perl',
    script: 'net-stomp.pl',
    arguments: [],
    lines: [
      'connected CONNECTED 1.0',
      'refused ERROR Invalid transaction id: nobody-began-it',
      'connected CONNECTED 1.0',
      'message MESSAGE: test message',
      'message MESSAGE: with receipt',
      'message MESSAGE: transactional',
      'message MESSAGE: zero <0> byte',
      'empty yes',
      'connected CONNECTED 1.1',
      'settled good poison nacked',
      'dead letter poison /queue/perl',
    ],
  },
];

const BY_TITLE = CONVERSATIONS.map((conversation) => [conversation.title, conversation] as const);

async function converse({ client, script, arguments: more }: Conversation, port: number): Promise<string[]> {
  return runForeignClient(client, fileURLToPath(new URL(`clients/${script}`, import.meta.url)), String(port), ...more);
}

/** STOMP clients that nobody here wrote get the same from the embedded broker's port as from ActiveMQ. */
describe('foreign STOMP clients', () => {
  beforeAll(async () => void (await provisionForeignClients()), 600_000);

  describe('on listen()', () => {
    let broker: EmbeddedBroker;
    let port: number;
    beforeAll(async () => {
      broker = await new EmbeddedBroker({ log: () => undefined }).start();
      ({ port } = await broker.listen());
    });
    afterAll(async () => broker.stop());

    it.each(BY_TITLE)('%s', async (_, conversation) => {
      expect(await converse(conversation, port)).toEqual(conversation.lines);
      expect(broker.queue('ActiveMQ.DLQ').depth).toBe(0);
    });

    it('leaves what they did not take, and nothing else', () => {
      const left = broker.queueNames().flatMap((name) =>
        broker
          .queue(name)
          .browse()
          .map(({ text }) => `${name}: ${text}`),
      );
      expect(left).toEqual(['perl: unwanted']);
    });

    it('a script that fails says so', async () => {
      const [conversation] = CONVERSATIONS;
      broker.faults.refuseConnections = true;
      try {
        // Whether the socket is gone before or after the client has written to it.
        await expect(converse(conversation!, port)).rejects.toThrow(/stomp-py\.py[^]*(?:stomp\.exception\.|OSError)/);
      } finally {
        broker.faults.clear();
      }
    });
  });

  describe('on ActiveMQ', () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startCluster({ topology: 'single', jvmOptions: ['-XX:TieredStopAtLevel=1'] });
    });
    afterAll(async () => cluster.down());

    it.each(BY_TITLE)('%s', async (_, conversation) => {
      expect(await converse(conversation, cluster.nodes[0]!.ports.stomp)).toEqual(conversation.lines);
    });
  });
});
