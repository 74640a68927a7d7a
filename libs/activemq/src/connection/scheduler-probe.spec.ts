import { describe, expect, it } from 'vitest';

import { ConfigurationError, ConnectionClosedError } from '../errors/index.js';
import { confirm, type PeerScript, wellBehaved, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import { cleanUpSessions, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { cleanUpConnections, failoverUrl, linkTo, RecordingLogger } from './connection.fixture.js';
import { SchedulerProbe } from './scheduler-probe.js';

cleanUpConnections();
cleanUpSessions();

/** Delivers what it is sent to the subscription of its peer, with the headers it came with. */
const deliver = (isScheduled: boolean): PeerScript =>
  wellBehavedExcept({
    SEND: (frame, peer) => {
      confirm(frame, peer);
      const subscription = peer.received.findLast(({ command }) => command === 'SUBSCRIBE')?.headers['id'];
      const { AMQ_SCHEDULED_DELAY: delay, probe } = frame.headers;
      if (isScheduled && delay !== undefined) return;
      peer.send('MESSAGE', { subscription, probe, AMQ_SCHEDULED_DELAY: delay });
    },
  });

async function probeOf(script: PeerScript) {
  const broker = await startFakeBroker(script);
  const { link } = linkTo(failoverUrl([broker]));
  const logger = new RecordingLogger();
  const { session } = await link.session();
  return { broker, session, logger, probe: new SchedulerProbe(logger) };
}

describe('the probe of the scheduler', () => {
  it('passes when the plain message comes first, and asks a session once, however many want to know', async () => {
    const { broker, session, probe } = await probeOf(deliver(true));
    await Promise.all([probe.check(session), probe.check(session)]);
    expect(probe.check(session)).toBeUndefined();
    expect(broker.received('SUBSCRIBE')).toHaveLength(1);
  });

  it('ends its subscription when the delayed message has come at last', async () => {
    const { broker, session, probe } = await probeOf(deliver(true));
    await probe.check(session);
    const { id } = broker.received('SUBSCRIBE')[0]!.headers;
    broker.peer.send('MESSAGE', { subscription: id, probe: id, scheduledJobId: 'ID:1' });
    await broker.until(() => broker.received('UNSUBSCRIBE').length > 0);
    expect(broker.received('UNSUBSCRIBE')[0]?.headers['id']).toBe(id);
  });

  it('fails with the cure when the delayed message comes at once, and remembers it', async () => {
    const { broker, session, probe } = await probeOf(deliver(false));
    await expect(probe.check(session)).rejects.toBeInstanceOf(ConfigurationError);
    await expect(probe.check(session)).rejects.toThrow('schedulerSupport="true"');
    expect(broker.received('SUBSCRIBE')).toHaveLength(1);
  });

  it('asks again when it got no answer', async () => {
    const { broker, session, probe, logger } = await probeOf(wellBehavedExcept({ SEND: (_, peer) => peer.reset() }));
    await expect(probe.check(session)).rejects.toBeInstanceOf(ConnectionClosedError);
    broker.script = deliver(true);
    const { link } = linkTo(failoverUrl([broker]));
    await probe.check((await link.session()).session);
    expect(logger.lines).toEqual([]);
  });

  it('says that it cannot ask when temporary queues are refused, and holds nothing back', async () => {
    const refusing = wellBehavedExcept({
      SUBSCRIBE: (frame, peer) => peer.send('ERROR', { 'receipt-id': frame.headers['receipt'], message: 'not authorized' }),
    });
    const { broker, session, probe, logger } = await probeOf(refusing);
    await probe.check(session);
    expect(logger.lines).toEqual([expect.stringMatching(/^warn .*cannot be found out.*not authorized.*schedulerSupport/)]);
    broker.script = wellBehaved;
    expect(probe.check(session)).toBeUndefined();
  });
});
