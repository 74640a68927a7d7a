import { describe, expect, it } from 'vitest';

import { nextCronTime, parseCron } from './cron.js';

/** Local time, as cron entries are. */
const at = (text: string) => new Date(text).getTime();

describe('a cron entry', () => {
  it.each([
    ['* * * * *', '2026-03-10T10:00:30', '2026-03-10T10:01:00'],
    ['* * * * *', '2026-03-10T10:00:00', '2026-03-10T10:01:00'],
    ['0 * * * *', '2026-03-10T10:01:00', '2026-03-10T11:00:00'],
    ['30 4 * * *', '2026-03-10T04:30:00', '2026-03-11T04:30:00'],
    ['0,20 4-5 * * *', '2026-03-10T04:05:00', '2026-03-10T04:20:00'],
    ['*/15 * * * *', '2026-03-10T23:50:00', '2026-03-11T00:00:00'],
    ['0 0 1 1 *', '2026-03-10T00:00:00', '2027-01-01T00:00:00'],
    ['0 0 29 2 *', '2026-03-10T00:00:00', '2028-02-29T00:00:00'],
    ['0 12 * * 0', '2026-03-10T00:00:00', '2026-03-15T12:00:00'],
  ])('%s behind %s fires at %s', (entry, after, expected) => {
    expect(nextCronTime(parseCron(entry), at(after))).toBe(at(expected));
  });

  it.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 7',
    'a * * * *',
    '*/0 * * * *',
    '1--2 * * * *',
  ])('"%s" is refused', (entry) => {
    expect(() => parseCron(entry)).toThrow(RangeError);
  });

  it('that never fires is refused', () => {
    expect(() => nextCronTime(parseCron('0 0 31 2 *'), at('2026-01-01T00:00:00'))).toThrow('Unable to compute');
  });
});
