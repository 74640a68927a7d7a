import { toErrorText } from '../errors/error-text.js';
import { BrokerError, ConfigurationError, ReceiptTimeoutError } from '../errors/index.js';
import { unlessAborted } from '../stomp/abortable.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders, StompSession } from '../stomp/stomp-session.js';
import type { ConnectionLogger } from './connection-settings.js';
import { Deadline } from './deadline.js';

/** Of the session's own: nobody else reads it or writes to it, and it ends with the session. */
const DESTINATION = '/temp-queue/scheduler-probe';
/** A body, so that whoever finds it in the scheduler's list knows what it is. */
const DELAYED = Buffer.from('nestjs-activemq asks whether this broker has a scheduler');
/** ms for the broker to hand out what it was sent. */
const ANSWER_TIMEOUT = 10_000;

/** The headers that make ActiveMQ schedule a message. */
const SCHEDULING_HEADERS = ['AMQ_SCHEDULED_DELAY', 'AMQ_SCHEDULED_PERIOD', 'AMQ_SCHEDULED_CRON'] as const;

/** Whether a message with these headers would be delivered too early by a broker without a scheduler. */
export function needsScheduler(headers: OutgoingHeaders): boolean {
  return SCHEDULING_HEADERS.some((name) => headers[name] !== undefined);
}

/**
 * Whether a job of the scheduler is the probe of this or another client. Who writes such a message hides from lists what a temporary queue would get,
 * and nothing else.
 */
export function isSchedulerProbe({ headers, body }: StompFrame): boolean {
  const isTemporary = /^\/(?:remote-)?temp-queue\//.test(headers['original-destination'] ?? '');
  return isTemporary && headers['probe'] !== undefined && body.equals(DELAYED);
}

/**
 * Finds out whether a broker has a scheduler: one without delivers delayed messages at once, and tells nobody.
 *
 * A delayed message and a plain one behind it go to a temporary queue. A broker with a scheduler keeps the first one back, so that the plain
 * one comes first; one without delivers them in their order. No time has to pass for the answer. A session is asked once.
 */
export class SchedulerProbe {
  readonly #passed = new WeakSet<StompSession>();
  readonly #verdicts = new WeakMap<StompSession, Promise<void>>();
  readonly #logger: ConnectionLogger;
  #lastId = 0;

  constructor(logger: ConnectionLogger) {
    this.#logger = logger;
  }

  /**
   * Resolves when the broker behind the session has a scheduler; `undefined` when that is known already.
   *
   * A broker that refuses a temporary queue to this user cannot be asked: that is logged, and nothing is held back.
   *
   * @throws ConfigurationError when it has none, with the cure
   * @throws ConnectionClosedError or ReceiptTimeoutError when it does not answer; asked again it may
   */
  check(session: StompSession): Promise<void> | undefined {
    if (this.#passed.has(session)) return undefined;
    let verdict = this.#verdicts.get(session);
    if (!verdict) {
      verdict = this.#ask(session);
      this.#verdicts.set(session, verdict);
      verdict.then(
        () => this.#passed.add(session),
        // That was no verdict: whoever comes next asks again.
        (error: unknown) => error instanceof ConfigurationError || this.#verdicts.delete(session),
      );
    }
    return verdict;
  }

  async #ask(session: StompSession): Promise<void> {
    const id = `scheduler-probe-${++this.#lastId}`;
    try {
      const first = await this.#firstToArrive(session, id);
      if (first.headers['AMQ_SCHEDULED_DELAY'] === undefined) return;
    } catch (error) {
      if (session.isOpen) this.#end(session, id);
      if (!(error instanceof BrokerError)) throw error;
      this.#logger.warn(
        `Whether the broker has a scheduler cannot be found out, because it refuses a temporary queue to this user: ${error.brokerMessage}. ` +
          `Without schedulerSupport="true" it delivers scheduled messages at once.`,
      );
      return;
    }
    this.#end(session, id);
    throw new ConfigurationError(
      'The broker has no scheduler: it would deliver a delayed or periodic message at once. ' +
        'Set schedulerSupport="true" on the <broker> element of its activemq.xml and start it again.',
    );
  }

  async #firstToArrive(session: StompSession, id: string): Promise<StompFrame> {
    const deadline = new Deadline(
      ANSWER_TIMEOUT,
      () => new ReceiptTimeoutError(`The broker did not deliver a probe of its scheduler within ${ANSWER_TIMEOUT} ms`, ANSWER_TIMEOUT),
    );
    let onArrival!: (frame: StompFrame | Error) => void;
    const arrived = new Promise<StompFrame | Error>((resolve) => (onArrival = resolve));
    const forget = session.onClosed(onArrival);
    const onMessage = (frame: StompFrame) => {
      if (frame.headers['probe'] !== id) return;
      onArrival(frame);
      // The delayed one, by its scheduler: nothing more is to come.
      if (frame.headers['scheduledJobId'] !== undefined) this.#end(session, id);
    };
    try {
      await session.subscribe(id, { destination: DESTINATION, ack: 'auto' }, onMessage);
      const headers = { destination: DESTINATION, probe: id };
      await Promise.all([session.request('SEND', { ...headers, AMQ_SCHEDULED_DELAY: '1' }, DELAYED), session.request('SEND', headers)]);
      const first = await unlessAborted(arrived, deadline.signal!);
      if (first instanceof Error) throw first;
      return first;
    } finally {
      deadline.clear();
      forget();
    }
  }

  /** A subscription that is over costs nothing but its place in the broker: whether its end is confirmed changes nothing. */
  #end(session: StompSession, id: string): void {
    session.unsubscribe(id).catch((error: unknown) => this.#logger.debug(`The subscription ${id} did not end: ${toErrorText(error)}`));
  }
}
