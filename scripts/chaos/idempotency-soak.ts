import { runPlan } from './idempotency/run.js';
import { readOptions, wholeNumber } from './parts/arguments.js';

/** What {@link run} takes. */
export const usage = `npm run chaos -- idempotency-soak [options]
  --messages N         1000000
  --duplicates N       5: how many in a hundred are sent twice
  --kill-every N       20: seconds between kills of a consumer
  --lease N            5: seconds that a claim holds without being renewed
  --consumers N        3 processes
  --json               the last line is the verdict`;

/**
 * Many messages, some of them twice, while one consumer after the other is killed: every side effect at least once, and twice only where a killed
 * consumer could not record it.
 */
export async function run(args: readonly string[]): Promise<number> {
  const values = readOptions(args, {
    messages: { type: 'string', default: '1000000' },
    duplicates: { type: 'string', default: '5' },
    'kill-every': { type: 'string', default: '20' },
    lease: { type: 'string', default: '5' },
    consumers: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  });
  const result = await runPlan({
    messages: wholeNumber('--messages', values.messages),
    duplicates: wholeNumber('--duplicates', values.duplicates) / 100,
    consumers: wholeNumber('--consumers', values.consumers),
    failovers: 0,
    badNetwork: false,
    killEvery: wholeNumber('--kill-every', values['kill-every']) * 1_000,
    leaseMs: wholeNumber('--lease', values.lease) * 1_000,
    say: (line) => console.error(line),
  });
  const { gate, ...rest } = result;
  if (values.json) console.log(JSON.stringify({ ...rest, gate }));
  else console.table({ ...rest, ...gate });
  const isEveryKeyThere = result.redisKeys === result.messages;
  return result.missing === 0 && result.doubledOutsideWindow === 0 && isEveryKeyThere ? 0 : 1;
}
