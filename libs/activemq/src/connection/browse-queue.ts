import { ConnectError, ConnectionClosedError, ReceiptTimeoutError } from '../errors/index.js';
import type { StompFrame } from '../stomp/frame.js';
import type { StompSession } from '../stomp/stomp-session.js';
import { Deadline } from './deadline.js';
import { IncomingFrames } from './incoming-frames.js';

/** What to browse, and within which bounds. */
export interface BrowseSettings {
  /** JMS selector; the broker sees all headers, and `JMSXDeliveryCount`. */
  readonly selector?: string;
  /** Messages at most; default all that the broker shows, which is `maxBrowsePageSize` (400) of a queue that does not fit into its memory. */
  readonly limit?: number;
  /** Messages that the broker sends ahead of the caller; default 64. */
  readonly window?: number;
  /** ms for a connection, and then for each answer of the broker; the time the caller takes between messages does not count. */
  readonly timeout: number;
  /** Stops waiting. */
  readonly signal?: AbortSignal;
}

/** Where a browse gets its session from: a `Link`. */
export interface SessionSource {
  /** Why the broker that was tried last could not be reached. */
  readonly lastFailure?: string | undefined;
  session(signal?: AbortSignal): Promise<{ readonly session: StompSession }>;
}

const DEFAULT_WINDOW = 64;

/**
 * Looks at what lies in a queue, in its order, without taking it; messages in flight are shown too.
 *
 * It belongs to one session: a failover ends it with an error, because the next broker would begin anew. At most a window of messages is in memory.
 *
 * @throws BrokerError when the broker refuses, e.g. a selector
 * @throws ConnectionClosedError when the connection is lost meanwhile
 * @throws ReceiptTimeoutError when the broker does not answer in time
 * @throws ConnectError when there is no broker in time
 */
export async function* browseQueue(
  link: SessionSource,
  id: string,
  destination: string,
  settings: BrowseSettings,
): AsyncGenerator<StompFrame, void, void> {
  const { selector, limit = Infinity, window = DEFAULT_WINDOW } = settings;
  if (limit <= 0) return;
  const session = await sessionToBrowse(link, destination, settings);
  const frames = new IncomingFrames();
  const forget = session.onClosed((reason) => frames.fail(interrupted(destination, reason)));
  const headers = { destination, browser: 'true', ack: 'client', selector, 'activemq.prefetchSize': String(Math.min(limit, window)) };
  let isSubscribed = false;
  try {
    await session.subscribe(id, headers, (frame) => frames.put(frame));
    isSubscribed = true;
    for (let shown = 1; shown <= limit; shown++) {
      const frame = await nextFrame(frames, destination, settings);
      if (isEnd(frame)) return;
      yield frame;
      // Cumulative, and for a browser no more than "send the next ones".
      if (limit > window && shown % Math.max(1, Math.floor(window / 2)) === 0) session.write('ACK', { id: frame.headers['ack'] });
    }
  } finally {
    forget();
    if (isSubscribed) await endBrowser(session, id);
  }
}

/**
 * What any producer can write into a message is no sign of the end: the broker gives a message an id and, on each way out, an `ack`, whatever its
 * sender wrote there.
 */
function isEnd({ headers, body }: StompFrame): boolean {
  return headers['browser'] === 'end' && headers['message-id'] === '0' && headers['ack'] === undefined && body.length === 0;
}

/**
 * The session that a browse would have.
 *
 * @throws ConnectError when there is no broker in time
 */
export async function sessionToBrowse(
  link: SessionSource,
  destination: string,
  { timeout, signal }: Pick<BrowseSettings, 'timeout' | 'signal'>,
): Promise<StompSession> {
  const deadline = new Deadline(timeout, () => {
    const why = link.lastFailure === undefined ? '' : `: ${link.lastFailure}`;
    return new ConnectError(`No broker could be reached within ${timeout} ms, so nothing can be browsed in ${destination}${why}`);
  });
  try {
    const { session } = await link.session(either(deadline.signal, signal));
    return session;
  } finally {
    deadline.clear();
  }
}

async function nextFrame(frames: IncomingFrames, destination: string, { timeout, signal }: BrowseSettings): Promise<StompFrame> {
  const deadline = new Deadline(
    timeout,
    () => new ReceiptTimeoutError(`The browse has ended: the broker shows no more of ${destination} within ${timeout} ms`, timeout),
  );
  try {
    return await frames.next(either(deadline.signal, signal));
  } finally {
    deadline.clear();
  }
}

/** Resolves as well when the session ends: that is the end of the browser. */
async function endBrowser(session: StompSession, id: string): Promise<void> {
  if (!session.isOpen) return;
  try {
    await session.unsubscribe(id);
  } catch (error) {
    if (!(error instanceof ConnectionClosedError)) throw error;
  }
}

function either(first: AbortSignal | undefined, second: AbortSignal | undefined): AbortSignal | undefined {
  if (first && second) return AbortSignal.any([first, second]);
  return first ?? second;
}

function interrupted(destination: string, reason: Error): ConnectionClosedError {
  return new ConnectionClosedError(`Browsing ${destination} was interrupted; begin again: ${reason.message}`, { cause: reason });
}
