import { describe, expect, it } from 'vitest';

import { ConnectError, ConnectionClosedError, ReceiptTimeoutError } from '../errors/index.js';
import { confirm, type FakePeer, type PeerScript, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import type { StompFrame } from '../stomp/frame.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { BrokerScheduler } from './broker-scheduler.js';
import { cleanUpConnections, failoverUrl, linkTo, RecordingLogger } from './connection.fixture.js';
import { Deadline } from './deadline.js';
import { SchedulerProbe } from './scheduler-probe.js';

cleanUpConnections();
cleanUpSessions();

type Headers = Record<string, string>;
const MANAGEMENT = '/topic/ActiveMQ.Scheduler.Management';

/** A broker whose scheduler holds these jobs; `hasEnd`: whether the message behind the question comes back. */
function scheduling(jobs: readonly Headers[], hasEnd = true): PeerScript {
  const inboxes = new Map<FakePeer, Headers>();
  let probe: Buffer | undefined;
  return wellBehavedExcept({
    SUBSCRIBE: (frame, peer) => {
      confirm(frame, peer);
      inboxes.set(peer, frame.headers);
    },
    SEND: (frame, peer) => {
      confirm(frame, peer);
      const { destination, receipt: _, ...own } = frame.headers;
      const { id, destination: inbox } = inboxes.get(peer)!;
      const deliver = (headers: Headers, body?: Buffer) => peer.send('MESSAGE', { destination: inbox, subscription: id, ...headers }, body);
      if (own['AMQ_SCHEDULED_DELAY'] !== undefined) probe = frame.body;
      if (destination === MANAGEMENT) for (const job of jobs) deliver(job, job['probe'] === undefined ? undefined : probe);
      else if (own['AMQ_SCHEDULED_DELAY'] === undefined && (hasEnd || own['probe'] !== undefined)) deliver(own);
    },
  });
}

async function schedulerOf(script: PeerScript) {
  const broker = await startFakeBroker(script);
  const { link } = linkTo(failoverUrl([broker]));
  const scheduler = new BrokerScheduler(link, new SchedulerProbe(new RecordingLogger()));
  const list = async (timeout = 10_000) => {
    const jobs: StompFrame[] = [];
    const deadline = new Deadline(timeout, () => new ReceiptTimeoutError(`not listed within ${timeout} ms`, timeout));
    try {
      await scheduler.browse({}, deadline, (job) => jobs.push(job));
    } finally {
      deadline.clear();
    }
    return jobs.map(({ headers }) => headers['scheduledJobId']);
  };
  return { broker, list };
}

describe('the jobs of a scheduler', () => {
  it('end where the message behind the question comes, whatever headers a job has', async () => {
    const forged = { scheduledJobId: 'ID:1', scheduledJobsEnd: 'scheduled-jobs-1' };
    const { broker, list } = await schedulerOf(scheduling([forged, { scheduledJobId: 'ID:2' }]));
    expect([await list(), await list()]).toEqual([
      ['ID:1', 'ID:2'],
      ['ID:1', 'ID:2'],
    ]);
    const ends = broker.received('SEND').flatMap(({ headers }) => headers['scheduledJobsEnd'] ?? []);
    expect(ends).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), expect.stringMatching(/^[\da-f-]{36}$/)]);
    expect(ends[0]).not.toBe(ends[1]);
  });

  it('are listed without the probes of this and other clients', async () => {
    const probe = { probe: 'scheduler-probe-1', AMQ_SCHEDULED_DELAY: '1' };
    const jobs = [
      { ...probe, scheduledJobId: 'ID:1', 'original-destination': '/temp-queue/scheduler-probe' },
      { ...probe, scheduledJobId: 'ID:2', 'original-destination': '/remote-temp-queue/ID:other-1' },
      { ...probe, scheduledJobId: 'ID:3', 'original-destination': '/queue/orders' },
    ];
    const { list } = await schedulerOf(scheduling(jobs));
    expect(await list()).toEqual(['ID:3']);
  });

  it('are no messages that others have sent to where the answers come', async () => {
    const { list } = await schedulerOf(scheduling([{ colour: 'red' }, { scheduledJobId: 'ID:1' }]));
    expect(await list()).toEqual(['ID:1']);
  });

  it('are asked for at a fresh place after a failure: what comes late is no answer to the next question', async () => {
    const { broker, list } = await schedulerOf(scheduling([], false));
    expect((await rejection(list(30))).message).toBe('not listed within 30 ms');
    broker.script = scheduling([{ scheduledJobId: 'ID:1' }]);
    expect(await list()).toEqual(['ID:1']);
    const inboxes = broker.received('SUBSCRIBE').map(({ headers }) => headers['destination']);
    expect(inboxes.slice(1)).toEqual(['/temp-queue/scheduled-jobs-0', '/temp-queue/scheduled-jobs-1']);
    expect(broker.received('UNSUBSCRIBE').length).toBeGreaterThanOrEqual(2);
  });

  it('are waited for no longer than one deadline says, also behind another list and without a connection', async () => {
    const { broker, list } = await schedulerOf(scheduling([], false));
    const first = rejection(list(60_000));
    expect((await rejection(list(30))).message).toBe('not listed within 30 ms');
    broker.script = () => undefined;
    broker.peer.reset();
    await broker.untilAllClosed();
    const error = await rejection(list(30));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.message).toContain('there is no connection; start the broker');
    expect(await first).toBeInstanceOf(ConnectionClosedError);
  });
});
