import { ConnectionDrop } from '../broker/refusal.js';
import { parseCron } from '../../validation/cron.js';

/** When a message is to be delivered, as its headers say. */
export interface Schedule {
  /** Ms. */
  readonly delay: number;
  /** Ms. */
  readonly period: number;
  readonly repeat: number;
  readonly cron: string;
}

/** The headers that make a schedule. */
export const SCHEDULE_HEADERS = ['AMQ_SCHEDULED_DELAY', 'AMQ_SCHEDULED_PERIOD', 'AMQ_SCHEDULED_REPEAT', 'AMQ_SCHEDULED_CRON'] as const;

const LARGEST_INT = 2_147_483_647;

/** The schedule of a message, `undefined` when it has none. A message that has been scheduled before never has one. */
export function scheduleOf(properties: Readonly<Record<string, string>>): Schedule | undefined {
  const { AMQ_SCHEDULED_DELAY: delay, AMQ_SCHEDULED_PERIOD: period, AMQ_SCHEDULED_CRON: cron } = properties;
  if (delay === undefined && period === undefined && cron === undefined) return undefined;
  if (properties['scheduledJobId'] !== undefined) return undefined;
  const repeat = properties['AMQ_SCHEDULED_REPEAT'];
  return { delay: Number(delay ?? 0), period: Number(period ?? 0), repeat: Number(repeat ?? 0), cron: cron ?? '' };
}

/**
 * Checks the schedule of an incoming message.
 *
 * @throws ConnectionDrop for a bad value: ActiveMQ closes the connection over it without an ERROR frame
 */
export function assertSchedule(properties: Readonly<Record<string, string>>): void {
  for (const name of SCHEDULE_HEADERS) {
    const value = properties[name];
    if (value !== undefined && !isValid(name, value)) throw new ConnectionDrop(`${name} has a bad value`);
  }
}

function isValid(name: (typeof SCHEDULE_HEADERS)[number], value: string): boolean {
  if (name === 'AMQ_SCHEDULED_REPEAT' && Number(value) > LARGEST_INT) return false;
  if (name !== 'AMQ_SCHEDULED_CRON') return /^\+?\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value));
  try {
    parseCron(value);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
