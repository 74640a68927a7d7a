import { afterAll } from 'vitest';

import { openStompSession, type OpenStompSessionOptions } from '../../../libs/activemq/src/stomp/open-stomp-session.js';
import type { StompFrame } from '../../../libs/activemq/src/stomp/frame.js';
import type { StompSession } from '../../../libs/activemq/src/stomp/stomp-session.js';
import { openTransport, type TransportTarget } from '../../../libs/activemq/src/stomp/transport.js';

const sessions: StompSession[] = [];

/** Options of a session with a real broker on this machine. */
export function optionsFor(
  port: number,
  options: Partial<OpenStompSessionOptions> = {},
  target: Partial<TransportTarget> = {},
): OpenStompSessionOptions {
  return {
    peer: `stomp://127.0.0.1:${port}`,
    openTransport: (signal) => openTransport({ host: '127.0.0.1', port, secure: false, ...target }, signal),
    virtualHost: '127.0.0.1',
    heartBeat: { outgoing: 0, incoming: 0 },
    connectTimeout: 20_000,
    receiptTimeout: 20_000,
    ...options,
  };
}

/** A session that is closed after the tests of the file. */
export async function open(...given: Parameters<typeof optionsFor>): Promise<StompSession> {
  const session = await openStompSession(optionsFor(...given));
  sessions.push(session);
  return session;
}

/** Ends every session; call it after the hook that stops the broker was registered. */
export function closeSessionsAfterAll(): void {
  afterAll(() => {
    for (const session of sessions.splice(0)) session.destroy();
  });
}

/** Subscribes; the returned function resolves with the next message that came. */
export async function subscribe(session: StompSession, destination: string, headers: Record<string, string> = {}) {
  const arrived: StompFrame[] = [];
  const waiting: ((frame: StompFrame) => void)[] = [];
  await session.subscribe(`sub-${destination}`, { destination, ack: 'client-individual', ...headers }, (frame) => {
    const next = waiting.shift();
    if (next) next(frame);
    else arrived.push(frame);
  });
  return async (): Promise<StompFrame> => {
    const frame = arrived.shift() ?? (await new Promise<StompFrame>((resolve) => waiting.push(resolve)));
    session.write('ACK', { id: frame.headers['ack'] });
    return frame;
  };
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
