import { copyMessage, copyProperties, messageSize, type BrokerMessage } from '../broker/broker-message.js';
import type { BrokerSettings } from '../broker/broker-options.js';
import type { IdGenerator } from '../broker/id-generator.js';
import type { MemoryUsage } from '../broker/memory-usage.js';
import { isTemporary } from '../destination/destination-name.js';
import { Refusal } from '../broker/refusal.js';
import type { StoredJob } from '../store/message-store.js';
import { nextCronTime, parseCron } from '../../validation/cron.js';
import { JobQueue } from './job-queue.js';
import { isManagement, manageJobs } from './scheduler-management.js';
import { SCHEDULE_HEADERS, scheduleOf } from './schedule-headers.js';

/** ActiveMQ's default `maxSchedulerRepeatAllowed`. */
const MAX_REPEATS = 1_000;

/** Keeps messages until their time has come: ActiveMQ's scheduler, with its tick. */
export class Scheduler {
  readonly #queue: JobQueue;
  readonly #jobs: Map<string, StoredJob>;
  #timer: unknown;
  #timerAt = Number.POSITIVE_INFINITY;
  #running = false;

  constructor(
    private readonly settings: BrokerSettings,
    private readonly usage: MemoryUsage,
    private readonly ids: IdGenerator,
    private readonly deliver: (message: BrokerMessage) => void,
  ) {
    this.#jobs = settings.store.jobs;
    this.#queue = new JobQueue(this.#jobs);
    for (const job of this.#jobs.values()) usage.charge(messageSize(job.message));
  }

  /** How many jobs wait; those for a temporary destination, as a client's question whether there is a scheduler, are not counted. */
  get size(): number {
    return this.jobs.filter(({ message }) => !isTemporary(message.destination)).length;
  }

  /** The jobs that wait, in no order. */
  get jobs(): readonly StoredJob[] {
    return [...this.#jobs.values()];
  }

  start(): void {
    this.#running = true;
    this.#plan();
  }

  stop(): void {
    this.#running = false;
    this.settings.clock.clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  /** Whether it would take a message. */
  wants(message: BrokerMessage): boolean {
    return isManagement(message) || scheduleOf(message.properties) !== undefined;
  }

  /**
   * Takes a message that is not to be delivered now: one with a schedule, or a question to the scheduler itself.
   *
   * @throws Refusal when there are too many jobs
   */
  takes(message: BrokerMessage): boolean {
    if (isManagement(message)) {
      manageJobs(this, message, this.deliver);
      return true;
    }
    const schedule = scheduleOf(message.properties);
    if (schedule === undefined) return false;
    if (schedule.repeat > MAX_REPEATS) {
      throw new Refusal('The scheduled repeat value is too large', { javaClass: 'javax.jms.MessageFormatException' });
    }
    this.#schedule(message, schedule.cron, schedule.delay, schedule.period, schedule.repeat);
    return true;
  }

  remove(id: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    this.#jobs.delete(id);
    this.usage.charge(-messageSize(job.message));
  }

  #schedule(message: BrokerMessage, cron: string, delay: number, period: number, repeat: number): void {
    if (this.#jobs.size >= this.settings.limits.maxScheduledJobs) {
      throw new Refusal(`The embedded broker has its limit of ${this.#jobs.size} scheduled messages: raise limits.maxScheduledJobs`, {
        javaClass: 'javax.jms.ResourceAllocationException',
      });
    }
    const start = this.#nextTick();
    const from = cron.trim() === '' ? start : nextCronTime(parseCron(cron), start);
    this.#put({ id: this.ids.next(), message, cron, delay, period, repeat, nextTime: from + (delay > 0 ? delay : period) });
    this.#plan();
  }

  /** ActiveMQ rounds the present up to its tick, so that a job is never early and up to a tick late. */
  #nextTick(): number {
    const tick = this.settings.schedulerTick;
    return Math.floor((this.settings.clock.now() + tick) / tick) * tick;
  }

  #put(job: StoredJob): void {
    this.usage.charge(messageSize(job.message));
    this.#jobs.set(job.id, job);
    this.#queue.add(job);
  }

  #plan(): void {
    const first = this.#queue.first;
    if (!this.#running || first === undefined || first.nextTime >= this.#timerAt) return;
    this.settings.clock.clearTimeout(this.#timer);
    this.#timerAt = first.nextTime;
    this.#timer = this.settings.clock.setTimeout(() => this.#fireDue(), first.nextTime - this.settings.clock.now());
  }

  #fireDue(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.settings.clock.now();
    for (let job = this.#queue.first; job !== undefined && job.nextTime <= now; job = this.#queue.first) this.#fire(job, now);
    this.#plan();
  }

  #fire(job: StoredJob, now: number): void {
    this.remove(job.id);
    if (job.cron.trim() !== '') {
      this.#put({ ...job, nextTime: nextCronTime(parseCron(job.cron), now) });
      // A cron entry that repeats does not deliver: it starts a series of its own.
      if (job.repeat !== 0) return this.#schedule(job.message, '', job.delay, job.period, job.repeat);
    } else if (job.repeat !== 0) {
      // Never twice in one tick, whatever the period.
      this.#put({ ...job, repeat: job.repeat - 1, nextTime: now + Math.max(job.period, 1) });
    }
    try {
      this.deliver(this.#fired(job, now));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.settings.log(`[${this.settings.name}] a scheduled message could not be delivered: ${error.detail}`);
    }
  }

  #fired(job: StoredJob, now: number): BrokerMessage {
    const { message } = job;
    const removed = Object.fromEntries(SCHEDULE_HEADERS.map((name) => [name, undefined]));
    const repeats =
      Number(message.properties['AMQ_SCHEDULED_REPEAT'] ?? 0) !== 0 || (message.properties['AMQ_SCHEDULED_CRON'] ?? '') !== '';
    return copyMessage(message, {
      ...(repeats ? { id: this.ids.next() } : {}),
      ...lifeFrom(message, now),
      properties: copyProperties(message.properties, { ...removed, scheduledJobId: job.id }),
    });
  }
}

/** The time to live begins anew when the message fires. */
function lifeFrom(message: BrokerMessage, now: number): Partial<BrokerMessage> {
  if (message.timestamp <= 0 || message.expiration <= 0) return {};
  const timeToLive = message.expiration - message.timestamp;
  if (now + timeToLive <= message.expiration) return {};
  return { timestamp: now, ...(timeToLive > 0 ? { expiration: now + timeToLive } : {}) };
}
