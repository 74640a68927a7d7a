import { parseArgs } from 'node:util';

import { ACK_MODES, type Combination, MODES, STRATEGIES } from './settlement/combination.js';
import { runSettlementChaos } from './settlement/run.js';
import { total } from './settlement/verdict.js';

/**
 * Faults at random points of settlement, for each redelivery mode and dead-letter strategy:
 * `--mode local|scheduled|broker`, `--strategy shared|individual|discarding|broker`, `--ack auto|transacted|all` (auto), `--rounds N` (200),
 * `--seed N`, `--keep` (the attempts and logs), `--json` (the last line is the verdict). Without a mode or strategy all of them run, side by side.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      mode: { type: 'string' },
      strategy: { type: 'string' },
      ack: { type: 'string', default: 'auto' },
      rounds: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const combinations: Combination[] = [];
  for (const ack of chosen('--ack', values.ack === 'all' ? undefined : values.ack, ACK_MODES))
    for (const mode of chosen('--mode', values.mode, MODES))
      for (const strategy of chosen('--strategy', values.strategy, STRATEGIES)) combinations.push({ mode, strategy, ack });
  const rounds = wholeNumber('--rounds', values.rounds);
  const seed = wholeNumber('--seed', values.seed);
  const say = (line: string) => console.error(line);
  say(`${rounds} rounds, seed ${seed}`);
  const { verdicts, faults, seconds } = await runSettlementChaos({ combinations, rounds, seed, keep: values.keep, say });
  const { messages, lost, twoPlaces, overLimit, duplicates } = total([...verdicts.values()]);
  console.table([...verdicts].map(([{ mode, strategy, ack }, verdict]) => ({ mode, strategy, ack, ...verdict })));
  console.log(
    `${rounds} rounds in ${Math.round(seconds)} s, seed ${seed}; kill -9 of the consumer ${faults.consumer}, of the broker ${faults.broker}, sockets reset ${faults.socket} times`,
  );
  if (values.json) console.log(JSON.stringify({ rounds, messages, lost, twoPlaces, overLimit, duplicates }));
  return lost + twoPlaces + overLimit === 0 ? 0 : 1;
}

function chosen<T extends string>(option: string, value: string | undefined, choices: readonly T[]): readonly T[] {
  if (value === undefined) return choices;
  const choice = choices.find((name) => name === value);
  if (!choice) throw new Error(`${option} is ${JSON.stringify(value)}; it must be ${choices.join(', ')}`);
  return [choice];
}

function wholeNumber(option: string, value: string): number {
  if (/^\d{1,9}$/.test(value) && Number(value) > 0) return Number(value);
  throw new Error(`${option} is ${JSON.stringify(value)}; it must be a whole number from 1`);
}
