import { ConfigurationError } from '../errors/index.js';
import { assertInteger, assertKnownOptions, assertText } from '../validation/known-options.js';
import { type CronEntry, nextCronTime, parseCron } from '../validation/cron.js';

/**
 * When, and how often, the broker delivers a message. It needs `schedulerSupport="true"`; a broker without is found out before the send.
 *
 * @see https://activemq.apache.org/components/classic/documentation/delay-and-schedule-message-delivery
 */
export interface MessageSchedule {
  /** ms until the first delivery; default 0, and with `period` alone the first one is due after one period. */
  readonly delay?: number;
  /** ms between deliveries; it needs `repeat`. */
  readonly period?: number;
  /** Deliveries after the first one: `repeat: 5` makes 6. It needs `period`. */
  readonly repeat?: number;
  /**
   * Minute, hour, day of month, month, day of week (0 is Sunday) in the broker's local time, for ever, e.g. `0 4 * * *`. With `delay`, `period`
   * and `repeat` each time that it fires begins such a series.
   */
  readonly cron?: string;
}

/** What makes a message scheduled: the two options of a send. */
export interface SchedulingOptions {
  readonly deliveryDelay?: number;
  readonly schedule?: MessageSchedule;
}

/** Some 30 000 years. */
const LONGEST_DELAY = 1_000_000_000_000_000;
/** ActiveMQ's number of repeats is an int; a broker allows fewer, and says so. */
const MOST_REPEATS = 2_147_483_647;
const WHERE = 'The options of a send';
const WHERE_SCHEDULE = 'The schedule of a send';

/**
 * The headers that ask ActiveMQ's scheduler for it; `undefined` values are none.
 *
 * @throws ConfigurationError for what ActiveMQ could not read (it would close the connection without a word) or would understand differently
 */
export function toScheduleHeaders({ deliveryDelay, schedule }: SchedulingOptions): Record<string, string | undefined> {
  if (deliveryDelay !== undefined) assertInteger(WHERE, 'deliveryDelay', deliveryDelay, { min: 0, max: LONGEST_DELAY });
  if (schedule !== undefined) assertSchedule(schedule);
  if (deliveryDelay && schedule?.delay)
    throw new ConfigurationError(`${WHERE}: \`deliveryDelay\` and \`schedule.delay\` say the same; give one`);
  return {
    AMQ_SCHEDULED_DELAY: toHeader(deliveryDelay || schedule?.delay),
    AMQ_SCHEDULED_PERIOD: toHeader(schedule?.period),
    AMQ_SCHEDULED_REPEAT: toHeader(schedule?.repeat),
    AMQ_SCHEDULED_CRON: schedule?.cron,
  };
}

/**
 * Refuses a cron entry that ActiveMQ's `CronParser` cannot read, or that never fires.
 *
 * @param what names it in the error
 * @throws ConfigurationError with what is wrong
 */
export function assertCron(what: string, entry: string): void {
  if (fires(readCron(what, entry))) return;
  throw new ConfigurationError(
    `${what} is ${JSON.stringify(entry)}: it never fires, because no day has that day of month, month and day of week together`,
  );
}

function readCron(what: string, entry: string): CronEntry {
  try {
    return parseCron(entry);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigurationError(
      `${what} is ${JSON.stringify(entry)}: ${error.message}. It has five fields, minute (0-59), hour (0-23), day of month (1-31), month (1-12) ` +
        'and day of week (0-6), each "*", a number, a range "1-5", a list "1,3" or a step "*/5", as in "0 4 * * 1-5"',
    );
  }
}

function fires(cron: CronEntry): boolean {
  try {
    nextCronTime(cron, Date.now());
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** 0 is what the broker does without the header. */
function toHeader(value: number | undefined): string | undefined {
  return value ? String(value) : undefined;
}

function assertSchedule(schedule: MessageSchedule): void {
  assertKnownOptions(WHERE_SCHEDULE, schedule, ['delay', 'period', 'repeat', 'cron']);
  const { delay, period, repeat, cron } = schedule;
  if (delay !== undefined) assertInteger(WHERE_SCHEDULE, 'delay', delay, { min: 0, max: LONGEST_DELAY });
  if (period !== undefined) assertInteger(WHERE_SCHEDULE, 'period', period, { min: 1, max: LONGEST_DELAY });
  if (repeat !== undefined) assertInteger(WHERE_SCHEDULE, 'repeat', repeat, { min: 0, max: MOST_REPEATS });
  if (period !== undefined && repeat === undefined) {
    throw new ConfigurationError(
      `${WHERE_SCHEDULE}: \`period\` needs \`repeat\`, without it ActiveMQ delivers once; \`repeat: 5\` makes 6 deliveries`,
    );
  }
  if (repeat && period === undefined)
    throw new ConfigurationError(`${WHERE_SCHEDULE}: \`repeat\` needs \`period\`, the ms between deliveries`);
  if (cron === undefined) return;
  assertText(WHERE_SCHEDULE, 'cron', cron);
  assertCron(`${WHERE_SCHEDULE}: \`cron\``, cron);
}
