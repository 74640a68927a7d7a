import { afterEach } from 'vitest';

import { FakeBroker, type PeerScript } from './fake-broker.fixture.js';
import { openStompSession, type OpenStompSessionOptions } from './open-stomp-session.js';
import type { StompSession } from './stomp-session.js';
import { openTransport } from './transport.js';

const brokers: FakeBroker[] = [];
const sessions: StompSession[] = [];

/** A fake broker that is stopped after the test. */
export async function startFakeBroker(...given: Parameters<typeof FakeBroker.start>): Promise<FakeBroker> {
  const broker = await FakeBroker.start(...given);
  brokers.push(broker);
  return broker;
}

/** Options to open a session with a fake broker. */
export function sessionOptions(broker: FakeBroker, options: Partial<OpenStompSessionOptions> = {}): OpenStompSessionOptions {
  return {
    peer: `stomp://127.0.0.1:${broker.port}`,
    openTransport: (signal) => openTransport({ host: '127.0.0.1', port: broker.port, secure: false }, signal),
    virtualHost: '127.0.0.1',
    heartBeat: { outgoing: 0, incoming: 0 },
    connectTimeout: 5_000,
    receiptTimeout: 5_000,
    ...options,
  };
}

/** A session with a fake broker; both end after the test. */
export async function openSession(
  script?: PeerScript,
  options: Partial<OpenStompSessionOptions> = {},
): Promise<{ broker: FakeBroker; session: StompSession }> {
  const broker = await startFakeBroker(script);
  const session = await openStompSession(sessionOptions(broker, options));
  sessions.push(session);
  return { broker, session };
}

/** Ends what the tests of a file have opened, after each of them. */
export function cleanUpSessions(): void {
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy();
    for (const broker of brokers.splice(0)) await broker.stop();
  });
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('was not rejected');
}
