import { parseArgs } from 'node:util';

import { positiveInteger } from './idempotency/arguments.js';
import { runPlan } from './idempotency/run.js';

/**
 * Many messages, some of them twice, while one consumer after the other is killed: every side effect at least once, and twice only where a killed
 * consumer could not record it.
 *
 * `--messages N` (1 000 000), `--duplicates PERCENT` (5), `--kill-every SECONDS` (20), `--lease SECONDS` (5), `--json`.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      messages: { type: 'string', default: '1000000' },
      duplicates: { type: 'string', default: '5' },
      'kill-every': { type: 'string', default: '20' },
      lease: { type: 'string', default: '5' },
      consumers: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  const result = await runPlan({
    messages: positiveInteger('--messages', values.messages),
    duplicates: positiveInteger('--duplicates', values.duplicates) / 100,
    consumers: positiveInteger('--consumers', values.consumers),
    failovers: 0,
    badNetwork: false,
    killEvery: positiveInteger('--kill-every', values['kill-every']) * 1_000,
    leaseMs: positiveInteger('--lease', values.lease) * 1_000,
    say: (line) => console.error(line),
  });
  const { gate, ...rest } = result;
  if (values.json) console.log(JSON.stringify({ ...rest, gate }));
  else console.table({ ...rest, ...gate });
  const isEveryKeyThere = result.redisKeys === result.messages;
  return result.missing === 0 && result.doubledOutsideWindow === 0 && isEveryKeyThere ? 0 : 1;
}
