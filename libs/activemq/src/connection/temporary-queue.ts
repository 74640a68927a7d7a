import { unlessAborted } from '../stomp/abortable.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders, StompSession } from '../stomp/stomp-session.js';
import type { Link, LinkSession } from './link.js';
import { needsScheduler, type SchedulerProbe } from './scheduler-probe.js';

/** What a {@link TemporaryQueue} reports. */
export interface TemporaryQueueObserver {
  /** Tells whether somebody waited for the message. */
  onMessage(frame: StompFrame): boolean;
  /** The queue is gone with its connection, and what was in it too. */
  onLost(queue: OpenTemporaryQueue, reason: Error): void;
  /** Resolves when nobody waits for a message; default at once. */
  quiet?(): Promise<void>;
  /** From here on nobody begins to wait for a message, because the session is about to be left; the returned function ends that. */
  pause?(): () => void;
}

/** What a {@link TemporaryQueue} is made with. */
export interface TemporaryQueueParts {
  readonly debug: (message: string) => void;
  readonly schedulers: Pick<SchedulerProbe, 'check'>;
}

/** A temporary queue that exists: it belongs to one session and ends with it. */
export interface OpenTemporaryQueue {
  /** Its name on this session, for `reply-to`: good for what is sent with {@link send}. */
  readonly destination: string;
  readonly brokerUri: string;
  /** SENDs on the session that owns the queue, with a receipt; throws what the session throws. */
  send(headers: OutgoingHeaders, body: Buffer, timeout: number): Promise<void>;
}

/** How many messages the broker sends ahead; each is taken at once. */
const PREFETCH = 100;

/** A temporary queue of a connection: made when it is first asked for, and made anew when its session has ended. */
export class TemporaryQueue {
  readonly #link: Link;
  readonly #name: string;
  readonly #observer: TemporaryQueueObserver;
  readonly #parts: TemporaryQueueParts;
  #current: { readonly link: LinkSession; readonly opened: Promise<OpenTemporaryQueue> } | undefined;

  /** @param name of the queue among those of this connection, and id of its subscription */
  constructor(link: Link, name: string, observer: TemporaryQueueObserver, parts: TemporaryQueueParts) {
    this.#link = link;
    this.#name = name;
    this.#observer = observer;
    this.#parts = parts;
  }

  /**
   * The queue on the session that is open, now or as soon as there is one.
   *
   * @param headers of what will be sent on it: when they ask for a scheduler, its broker has one
   * @param signal stops waiting
   * @throws BrokerError when the broker refuses
   * @throws ConfigurationError when it has no scheduler
   * @throws ConnectError or ConnectionClosedError when there is no connection and will be none
   */
  async open(headers: OutgoingHeaders, signal: AbortSignal): Promise<OpenTemporaryQueue> {
    const link = await this.#link.session(signal);
    const check = needsScheduler(headers) ? this.#parts.schedulers.check(link.session) : undefined;
    if (check) await unlessAborted(check, signal);
    if (this.#current?.link !== link) this.#current = { link, opened: this.#open(link) };
    return unlessAborted(this.#current.opened, signal);
  }

  async #open(link: LinkSession): Promise<OpenTemporaryQueue> {
    const { session } = link;
    const destination = `/temp-queue/${this.#name}`;
    const queue: OpenTemporaryQueue = {
      destination,
      brokerUri: link.uri.toString(),
      send: (headers, body, timeout) => session.request('SEND', headers, body, timeout),
    };
    try {
      await this.#subscribe(session, destination);
    } catch (error) {
      if (this.#current?.link === link) this.#current = undefined;
      throw error;
    }
    session.onClosed((reason) => this.#observer.onLost(queue, reason));
    return queue;
  }

  async #subscribe(session: StompSession, destination: string): Promise<void> {
    // A queue that ends with its connection gains nothing from acknowledgements of its own.
    const headers = { destination, ack: 'auto', 'activemq.prefetchSize': String(PREFETCH) };
    await session.subscribe(this.#name, headers, (frame) => {
      if (!this.#observer.onMessage(frame)) this.#parts.debug('A reply was dropped: nobody waits for it any more');
    });
  }
}
