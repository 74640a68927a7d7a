import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';

import type { StompFrame } from '../../../libs/activemq/src/stomp/frame.js';
import { openStompSession } from '../../../libs/activemq/src/stomp/open-stomp-session.js';
import type { StompSession } from '../../../libs/activemq/src/stomp/stomp-session.js';
import { until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

/** A policy of the plugin for topics; it refuses delays below 1 s. */
const PLUGIN = `<redeliveryPlugin fallbackToDeadLetter="true" sendToDlqIfMaxRetriesExceeded="true"><redeliveryPolicyMap><redeliveryPolicyMap>
  <redeliveryPolicyEntries><redeliveryPolicy topic="plugin.&gt;" maximumRedeliveries="1" initialRedeliveryDelay="1000" redeliveryDelay="1000"/></redeliveryPolicyEntries>
  </redeliveryPolicyMap></redeliveryPolicyMap></redeliveryPlugin>`;
const bench = Bench.forFile({ broker: { plugins: [PLUGIN] } });

const sessions: StompSession[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy();
});

/** Subscribes to a topic on a connection of its own, and answers every message. */
async function subscriber(topic: string, answer: 'ACK' | 'NACK', isDurable: boolean) {
  const session = await openStompSession({
    peer: `stomp://127.0.0.1:${bench.port}`,
    openTransport: () =>
      new Promise((resolve, reject) => {
        const socket = connect(bench.port, '127.0.0.1', () => resolve(socket)).setNoDelay(true);
        socket.once('error', reject);
      }),
    virtualHost: '127.0.0.1',
    clientId: isDurable ? randomUUID() : undefined,
    heartBeat: { outgoing: 0, incoming: 0 },
    connectTimeout: 10_000,
    receiptTimeout: 10_000,
  });
  sessions.push(session);
  const frames: StompFrame[] = [];
  const headers = {
    destination: `/topic/${topic}`,
    ack: 'client-individual',
    ...(isDurable && { 'activemq.subscriptionName': 'prices' }),
  };
  await session.subscribe('s', headers, (frame) => {
    frames.push(frame);
    // The last one may be unanswered when the test ends.
    session.request(answer, { id: frame.headers['ack'] }).catch(() => undefined);
  });
  return { frames, session };
}

const publish = (session: StompSession, topic: string, body: string) =>
  session.request('SEND', { destination: `/topic/${topic}`, persistent: 'true' }, Buffer.from(body));
const bodies = (frames: readonly StompFrame[]) => frames.map(({ body }) => body.toString());

// Why `mode: 'broker'` is refused on topics.
it("what a durable subscriber rejects ActiveMQ's redeliveryPlugin publishes to others, and not to the one that rejected it", async () => {
  const topic = bench.queue('plugin');
  const rejecting = await subscriber(topic, 'NACK', true);
  const durable = await subscriber(topic, 'ACK', true);
  const plain = await subscriber(topic, 'ACK', false);
  await publish(plain.session, topic, topic);
  await until(() => expect(bodies(plain.frames)).toEqual([topic, topic]));
  expect(plain.frames[1]?.headers['redeliveryDelay']).toBe('1000');
  // What they were to get before it they have got.
  await publish(plain.session, topic, 'next');
  await until(() => expect([...bodies(rejecting.frames), ...bodies(durable.frames)]).toEqual([topic, 'next', topic, 'next']));
  expect(await (await bench.client()).bodies('ActiveMQ.DLQ')).not.toContain(topic);
});

it('what another one rejects is lost', async () => {
  const topic = bench.queue('plugin');
  const { session, frames } = await subscriber(topic, 'NACK', false);
  await publish(session, topic, topic);
  await publish(session, topic, 'next');
  await until(() => expect(bodies(frames)).toEqual([topic, 'next']));
  const client = await bench.client();
  // A queue that is not there shows nothing, and this one is there by now.
  await client.send('ActiveMQ.DLQ', 'another');
  await until(async () =>
    expect([await client.scheduledJobs(), (await client.bodies('ActiveMQ.DLQ')).includes(topic)]).toEqual([0, false]),
  );
});
