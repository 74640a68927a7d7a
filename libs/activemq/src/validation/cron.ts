import { parseCronField, type CronField } from './cron-field.js';

/** A parsed cron entry: minute, hour, day of month, month, day of week (0 is Sunday), in local time. */
export interface CronEntry {
  readonly minutes: CronField;
  readonly hours: CronField;
  readonly daysOfMonth: CronField;
  readonly months: CronField;
  readonly daysOfWeek: CronField;
}

/** Days looked ahead for the next firing: four years and a leap day, so that 29 February is found. */
const MAX_DAYS = 4 * 366 + 1;

/**
 * Parses the five fields of a cron entry.
 *
 * @throws RangeError when it is not valid
 */
export function parseCron(entry: string): CronEntry {
  const tokens = entry.split(/\s+/).filter((token) => token !== '');
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = tokens;
  if (tokens.length !== 5 || !minutes || !hours || !daysOfMonth || !months || !daysOfWeek) {
    throw new RangeError(`Not a valid cron entry - wrong number of tokens(${tokens.length}): ${entry}`);
  }
  return {
    minutes: parseCronField(minutes, 0, 59),
    hours: parseCronField(hours, 0, 23),
    daysOfMonth: parseCronField(daysOfMonth, 1, 31),
    months: parseCronField(months, 1, 12),
    daysOfWeek: parseCronField(daysOfWeek, 0, 6),
  };
}

/**
 * The next time an entry fires, in ms since the epoch: the start of a minute behind `after`. Day of month and day of week must both match.
 *
 * @throws RangeError when it never fires
 */
export function nextCronTime(entry: CronEntry, after: number): number {
  const time = new Date(after);
  time.setSeconds(0, 0);
  time.setMinutes(time.getMinutes() + 1);
  for (let days = 0; days < MAX_DAYS; days++) {
    if (matchesDay(entry, time)) {
      const found = nextTimeOfDay(entry, time);
      if (found !== undefined) return found;
    }
    time.setDate(time.getDate() + 1);
    time.setHours(0, 0, 0, 0);
  }
  throw new RangeError('Unable to compute next scheduled execution time.');
}

function matchesDay(entry: CronEntry, time: Date): boolean {
  return (
    entry.months.values.includes(time.getMonth() + 1) &&
    entry.daysOfMonth.values.includes(time.getDate()) &&
    entry.daysOfWeek.values.includes(time.getDay())
  );
}

function nextTimeOfDay(entry: CronEntry, from: Date): number | undefined {
  for (const hour of entry.hours.values) {
    if (hour < from.getHours()) continue;
    const earliest = hour === from.getHours() ? from.getMinutes() : 0;
    const minute = entry.minutes.values.find((value) => value >= earliest);
    if (minute !== undefined) return new Date(from).setHours(hour, minute, 0, 0);
  }
  return undefined;
}
