import { runPlan } from './idempotency/run.js';
import { readOptions, wholeNumber } from './parts/arguments.js';

/** What {@link run} takes. */
export const usage = `npm run chaos -- idempotency-network [options]
  --messages N   5000
  --json         the last line is the verdict`;

/**
 * Messages, every second one twice, while the way to Redis is 0, 50, 500 and 1 500 ms long by turns of 15 s and one packet in a hundred cuts its connection:
 * nothing is lost, and doubled is only what the counters tell of.
 */
export async function run(args: readonly string[]): Promise<number> {
  const values = readOptions(args, { messages: { type: 'string', default: '5000' }, json: { type: 'boolean', default: false } });
  const result = await runPlan({
    messages: wholeNumber('--messages', values.messages),
    duplicates: 0.5,
    consumers: 3,
    failovers: 0,
    killEvery: 0,
    badNetwork: true,
    leaseMs: 30_000,
    say: (line) => console.error(line),
  });
  const { gate, ...rest } = result;
  if (values.json) console.log(JSON.stringify({ ...rest, gate }));
  else console.table({ ...rest, ...gate });
  return result.missing === 0 && result.doubledOutsideWindow === 0 ? 0 : 1;
}
