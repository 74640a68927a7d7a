import { ConfigurationError } from '../errors/index.js';

const WHOLE_NUMBERS = ['AMQ_SCHEDULED_DELAY', 'AMQ_SCHEDULED_PERIOD', 'AMQ_SCHEDULED_REPEAT'] as const;
const CRON = 'AMQ_SCHEDULED_CRON';

/**
 * Refuses scheduler headers that ActiveMQ cannot read: it would close the connection without a word.
 *
 * @throws ConfigurationError naming the header
 * @see https://activemq.apache.org/components/classic/documentation/delay-and-schedule-message-delivery
 */
export function assertScheduleHeaders(headers: Readonly<Record<string, string>>): void {
  for (const name of WHOLE_NUMBERS) {
    const value = headers[name];
    if (value !== undefined && !/^\d{1,15}$/.test(value))
      throw new ConfigurationError(`The header '${name}' is ${JSON.stringify(value)}; it must be a whole number`);
  }
  const cron = headers[CRON];
  if (cron !== undefined && cron !== '' && !/^\s*(?:[\d*,/-]+\s+){4}[\d*,/-]+\s*$/.test(cron)) {
    throw new ConfigurationError(`The header '${CRON}' is ${JSON.stringify(cron)}; it must have five fields, as in "0 * * * *"`);
  }
}
