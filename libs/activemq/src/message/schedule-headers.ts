import { ConfigurationError } from '../errors/index.js';
import { assertCron } from './schedule.js';

const LARGEST = { AMQ_SCHEDULED_DELAY: 1e15, AMQ_SCHEDULED_PERIOD: 1e15, AMQ_SCHEDULED_REPEAT: 2_147_483_647 } as const;
const CRON = 'AMQ_SCHEDULED_CRON';

/**
 * Refuses scheduler headers that ActiveMQ cannot read: it would close the connection without a word. The option `schedule` says the same.
 *
 * @throws ConfigurationError naming the header
 * @see https://activemq.apache.org/components/classic/documentation/delay-and-schedule-message-delivery
 */
export function assertScheduleHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, largest] of Object.entries(LARGEST)) {
    const value = headers[name];
    if (value !== undefined && !(/^\d{1,16}$/.test(value) && Number(value) <= largest)) {
      throw new ConfigurationError(`The header '${name}' is ${JSON.stringify(value)}; it must be a whole number up to ${largest}`);
    }
  }
  const cron = headers[CRON];
  if (cron !== undefined) assertCron(`The header '${CRON}'`, cron);
}
