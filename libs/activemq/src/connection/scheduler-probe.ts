import { randomUUID } from 'node:crypto';

import { ConnectionClosedError, ReceiptTimeoutError } from '../errors/index.js';
import type { StompHeaders } from '../stomp/frame.js';
import type { StompSession } from '../stomp/stomp-session.js';

/** ms that the probe may take to come back: the scheduler looks every half second. */
const PROBE_TIMEOUT = 5_000;

/**
 * Asks a broker whether it has a scheduler: sends a message with a delay to a temporary queue of its own. A scheduler takes the delay off and puts the id of
 * its job on; a broker without one delivers the message as it is, and would do so with every other.
 *
 * @throws ReceiptTimeoutError when the probe did not come back
 * @throws ConnectionClosedError when the session ended meanwhile
 * @throws BrokerError when the broker allows no temporary queue
 */
export async function probeScheduler(session: StompSession, timeout = PROBE_TIMEOUT): Promise<boolean> {
  const id = `scheduler-probe-${randomUUID()}`;
  const destination = `/temp-queue/${id}`;
  let timer: NodeJS.Timeout | undefined;
  let onProbe!: (headers: StompHeaders) => void;
  const probe = new Promise<StompHeaders>((resolve) => (onProbe = resolve));
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ReceiptTimeoutError(`The probe for a scheduler did not come back within ${timeout} ms`, timeout)), timeout);
  });
  const ended = session.closed.then((reason) => {
    throw new ConnectionClosedError(`The session ended while the broker was asked for its scheduler`, { cause: reason, retryable: true });
  });
  try {
    await session.subscribe(id, { destination, ack: 'auto' }, ({ headers }) => onProbe(headers));
    await session.request('SEND', { destination, AMQ_SCHEDULED_DELAY: '1' }, Buffer.alloc(0));
    return (await Promise.race([probe, late, ended]))['scheduledJobId'] !== undefined;
  } finally {
    clearTimeout(timer);
    late.catch(() => undefined);
    ended.catch(() => undefined);
    if (session.isOpen) await session.unsubscribe(id);
  }
}
