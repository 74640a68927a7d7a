import { runPlan } from './idempotency/run.js';
import { readOptions, wholeNumber } from './parts/arguments.js';

/** What {@link run} takes. */
export const usage = `npm run chaos -- idempotency [options]
  --messages N    20000
  --failovers N   1: how often the master is killed
  --consumers N   3 processes
  --json          the last line is the verdict`;

/**
 * Each message delivered twice, through the death of the broker's master, to three consumer processes: every side effect exactly once.
 */
export async function run(args: readonly string[]): Promise<number> {
  const values = readOptions(args, {
    messages: { type: 'string', default: '20000' },
    failovers: { type: 'string', default: '1' },
    consumers: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  });
  const result = await runPlan({
    messages: wholeNumber('--messages', values.messages),
    duplicates: 1,
    consumers: wholeNumber('--consumers', values.consumers),
    failovers: wholeNumber('--failovers', values.failovers),
    killEvery: 0,
    badNetwork: false,
    leaseMs: 30_000,
    say: (line) => console.error(line),
  });
  const { messages, sideEffects, missing, doubledOutsideWindow, doubledInWindow } = result;
  console.error(
    `${result.deliveries} sends, ${result.deadLetters} dead letters, ${Math.round(result.seconds)} s; ${JSON.stringify(result.gate)}`,
  );
  const verdict = { messages, sideEffects, missing, doubledOutsideWindow, doubledInWindow };
  if (values.json) console.log(JSON.stringify(verdict));
  else console.table(verdict);
  return missing === 0 && doubledOutsideWindow === 0 && result.deadLetters === 0 ? 0 : 1;
}
