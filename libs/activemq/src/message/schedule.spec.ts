import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { type SchedulingOptions, toScheduleHeaders } from './schedule.js';

const given = (options: SchedulingOptions) =>
  Object.fromEntries(Object.entries(toScheduleHeaders(options)).filter(([, value]) => value !== undefined));

describe('the schedule of a send', () => {
  it.each<[SchedulingOptions, Record<string, string>]>([
    [{}, {}],
    [{ deliveryDelay: 0, schedule: { delay: 0, repeat: 0 } }, {}],
    [{ deliveryDelay: 1_500 }, { AMQ_SCHEDULED_DELAY: '1500' }],
    [
      { schedule: { delay: 3_000, period: 4_000, repeat: 5 } },
      { AMQ_SCHEDULED_DELAY: '3000', AMQ_SCHEDULED_PERIOD: '4000', AMQ_SCHEDULED_REPEAT: '5' },
    ],
    [
      { deliveryDelay: 10, schedule: { period: 1, repeat: 1 } },
      { AMQ_SCHEDULED_DELAY: '10', AMQ_SCHEDULED_PERIOD: '1', AMQ_SCHEDULED_REPEAT: '1' },
    ],
    [{ schedule: { cron: '*/5 0-6 1,15 * 1-5' } }, { AMQ_SCHEDULED_CRON: '*/5 0-6 1,15 * 1-5' }],
  ])('%j is written as %j', (options, headers) => {
    expect(given(options)).toEqual(headers);
  });

  it.each<[unknown, string]>([
    [{ deliveryDelay: -1 }, '`deliveryDelay` is -1'],
    [{ deliveryDelay: 1.5 }, '`deliveryDelay` is 1.5'],
    [{ deliveryDelay: '5' }, '`deliveryDelay` is "5"'],
    [{ deliveryDelay: 2e15 }, '`deliveryDelay` is'],
    [{ deliveryDelay: 5, schedule: { delay: 5 } }, 'say the same'],
    [{ schedule: 5 }, 'write an object'],
    [{ schedule: { delya: 5 } }, 'Did you mean `delay`'],
    [{ schedule: { delay: Number.NaN } }, '`delay` is NaN'],
    [{ schedule: { period: 0, repeat: 1 } }, '`period` is 0'],
    [{ schedule: { period: 5 } }, '`period` needs `repeat`'],
    [{ schedule: { repeat: 5 } }, '`repeat` needs `period`'],
    [{ schedule: { period: 5, repeat: -1 } }, '`repeat` is -1'],
    [{ schedule: { period: 5, repeat: 3_000_000_000 } }, '`repeat` is 3000000000'],
    [{ schedule: { cron: '' } }, '`cron` must be a text'],
    [{ schedule: { cron: 5 } }, '`cron` must be a text'],
  ])('%j is refused: %s', (options, why) => {
    expect(() => toScheduleHeaders(options as SchedulingOptions)).toThrow(ConfigurationError);
    expect(() => toScheduleHeaders(options as SchedulingOptions)).toThrow(why);
  });

  it.each(['* * * *', '60 * * * *', '* * 0 * *', '* * * * 7', '5-1 * * * *', '*/0 * * * *', '*/7,3 * * * *', '1/2 * * * *', '0 0 * * MON'])(
    'the cron entry "%s" is refused, with what a good one looks like',
    (cron) => {
      expect(() => toScheduleHeaders({ schedule: { cron } })).toThrow(/The schedule of a send: `cron` is ".*": .*It has five fields/);
    },
  );

  it('a cron entry that never fires is refused with that reason', () => {
    expect(() => toScheduleHeaders({ schedule: { cron: '0 4 31 2 *' } })).toThrow(
      /^The schedule of a send: `cron` is "0 4 31 2 \*": it never fires, because no day has that day of month, month and day of week together$/,
    );
  });
});
