import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { Deadline } from '../connection/deadline.js';
import { ConfigurationError, ReceiptTimeoutError } from '../errors/index.js';
import { formatDestination, parseDestinations } from '../message/destination.js';
import type { MessageConverter } from '../message/message-converter.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import { assertInteger, assertKnownOptions, assertText } from '../validation/index.js';
import { type ScheduledJob, toScheduledJob } from './scheduled-job.js';

/** Which jobs of the scheduler; all that is given has to be true of a job. */
export interface ScheduledJobFilter {
  /** Its next delivery is due then or later. */
  readonly from?: Date;
  /** Its next delivery is due then or earlier. */
  readonly to?: Date;
  /** Where it will be delivered, e.g. `orders`. */
  readonly destination?: string;
  /** The key it was sent with. */
  readonly idempotencyKey?: string;
}

/** How to ask the scheduler. */
export interface SchedulerOptions {
  /** ms for the whole operation, default 10 000. */
  readonly timeout?: number;
}

/** How to list jobs. */
export interface ScheduledJobList extends ScheduledJobFilter, SchedulerOptions {
  /** So many at most, those due first; default 1000. */
  readonly limit?: number;
}

const WHERE = 'The filter of scheduled jobs';
const FILTER = ['from', 'to', 'destination', 'idempotencyKey', 'timeout'] as const;
const DEFAULT_TIMEOUT = 10_000;
const DEFAULT_LIMIT = 1_000;
/** The end of the time that ActiveMQ and `Date` both know. */
const END_OF_TIME = 8_640_000_000_000_000;
const CANCELLATION = 'The cancellation of scheduled jobs';
/** Removals under way at a time. */
const BATCH = 100;

/**
 * What the broker's scheduler holds: every delayed, periodic and cron message of every client. It needs the right to write to the topic
 * `ActiveMQ.Scheduler.Management` and to temporary queues.
 *
 * ActiveMQ does not show a job whose time to live, counted from the send, is over, though it will deliver it.
 *
 * @see https://activemq.apache.org/components/classic/documentation/delay-and-schedule-message-delivery
 */
export class JmsScheduler {
  readonly #connection: ActiveMqConnection;
  readonly #converter: MessageConverter;
  readonly #pubSubDomain: boolean;

  /** @internal Made by `JmsMessagingTemplate`. */
  constructor(connection: ActiveMqConnection, converter: MessageConverter, pubSubDomain: boolean) {
    this.#connection = connection;
    this.#converter = converter;
    this.#pubSubDomain = pubSubDomain;
  }

  /**
   * The jobs that wait, those due first in front.
   *
   * @throws ConnectError when there was no broker in time
   * @throws ReceiptTimeoutError when the broker has not answered in time
   * @throws ConfigurationError for a bad filter, or when the broker has no scheduler
   */
  async list(filter: ScheduledJobList = {}): Promise<ScheduledJob[]> {
    assertKnownOptions(WHERE, filter, [...FILTER, 'limit']);
    const { limit = DEFAULT_LIMIT, timeout } = filter;
    assertInteger(WHERE, 'limit', limit, { min: 1 });
    const jobs: ScheduledJob[] = [];
    await inTime('The list of scheduled jobs', WHERE, timeout, (deadline) =>
      this.#visit(filter, deadline, (job) => jobs.length < limit && jobs.push(job)),
    );
    return jobs;
  }

  /**
   * Cancels one job; without effect when there is none of that id, because it has been delivered meanwhile.
   *
   * For many use {@link cancelAll}: some hundred single ones, those due first in front, damage the scheduler's store of ActiveMQ 5.17 (it answers
   * with a NullPointerException, and after a crash the broker does not start), which the other way round does not happen.
   *
   * @param jobId of a listed job
   */
  async cancel(jobId: string, options: SchedulerOptions = {}): Promise<void> {
    assertText('A scheduled job', 'jobId', jobId);
    const where = 'The options of cancel';
    assertKnownOptions(where, options, ['timeout']);
    await inTime(`The cancellation of the scheduled job ${jobId}`, where, options.timeout, (deadline) => this.#remove(jobId, deadline));
  }

  /**
   * Cancels the jobs that were sent with this key; what has been delivered already stays delivered.
   *
   * @returns how many there were
   */
  async cancelByIdempotencyKey(idempotencyKey: string, options: SchedulerOptions = {}): Promise<number> {
    assertText('A scheduled job', 'idempotencyKey', idempotencyKey);
    assertKnownOptions('The options of cancelByIdempotencyKey', options, ['timeout']);
    return this.#cancelEach({ ...options, idempotencyKey });
  }

  /**
   * Cancels every job that the filter lets through; without a filter every job of the broker, whoever has sent it.
   *
   * @returns how many there were
   */
  async cancelAll(filter: ScheduledJobFilter & SchedulerOptions = {}): Promise<number> {
    assertKnownOptions(WHERE, filter, FILTER);
    if (filter.destination !== undefined || filter.idempotencyKey !== undefined) return this.#cancelEach(filter);
    let count = 0;
    await inTime(CANCELLATION, WHERE, filter.timeout, async (deadline) => {
      await this.#visit(filter, deadline, () => count++);
      await this.#connection.removeScheduledJobs('REMOVEALL', range(filter), deadline);
    });
    return count;
  }

  async #cancelEach(filter: ScheduledJobFilter & SchedulerOptions): Promise<number> {
    const ids: string[] = [];
    await inTime(CANCELLATION, WHERE, filter.timeout, async (deadline) => {
      await this.#visit(filter, deadline, ({ jobId }) => ids.push(jobId));
      // Those due last in front: see cancel.
      ids.reverse();
      for (let start = 0; start < ids.length; start += BATCH) {
        deadline.signal?.throwIfAborted();
        await Promise.all(ids.slice(start, start + BATCH).map((id) => this.#remove(id, deadline)));
      }
    });
    return ids.length;
  }

  #remove(jobId: string, deadline: Deadline): Promise<void> {
    return this.#connection.removeScheduledJobs('REMOVE', { scheduledJobId: jobId }, deadline);
  }

  async #visit(filter: ScheduledJobFilter, deadline: Deadline, onJob: (job: ScheduledJob) => void): Promise<void> {
    const { idempotencyKey } = filter;
    if (idempotencyKey !== undefined) assertText(WHERE, 'idempotencyKey', idempotencyKey);
    const destination =
      filter.destination === undefined
        ? undefined
        : parseDestinations(filter.destination, this.#pubSubDomain).map(formatDestination).join(',');
    await this.#connection.browseScheduledJobs(range(filter), deadline, (frame) => {
      const job = toScheduledJob(frame, this.#converter);
      if (destination !== undefined && job.destination !== destination) return;
      if (idempotencyKey === undefined || job.idempotencyKey === idempotencyKey) onJob(job);
    });
  }
}

/** One deadline over everything that an operation waits for. */
async function inTime(
  what: string,
  where: string,
  timeout: number | undefined,
  work: (deadline: Deadline) => Promise<void>,
): Promise<void> {
  const ms = timeout ?? DEFAULT_TIMEOUT;
  assertInteger(where, 'timeout', ms, { min: 1, max: 2_147_483_647 });
  const deadline = new Deadline(
    ms,
    () => new ReceiptTimeoutError(`${what} has not ended within ${ms} ms; give it a longer \`timeout\``, ms),
  );
  try {
    await work(deadline);
  } finally {
    deadline.clear();
  }
}

/** ActiveMQ looks at both ends or at none. */
function range({ from, to }: ScheduledJobFilter): OutgoingHeaders {
  if (from === undefined && to === undefined) return {};
  return { ACTION_START_TIME: time('from', from, 0), ACTION_END_TIME: time('to', to, END_OF_TIME) };
}

function time(name: string, date: Date | undefined, otherwise: number): string {
  const ms = date === undefined ? otherwise : date instanceof Date ? date.getTime() : Number.NaN;
  if (Number.isNaN(ms)) throw new ConfigurationError(`The filter of scheduled jobs: \`${name}\` is no valid Date`);
  return String(ms);
}
