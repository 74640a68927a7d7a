import { ACK_MODES, type Combination, MODES, STRATEGIES } from './settlement/combination.js';
import { runSettlementChaos } from './settlement/run.js';
import { total } from './settlement/verdict.js';
import { choose, readOptions, wholeNumber } from './parts/arguments.js';

/** What {@link run} takes. */
export const usage = `npm run chaos -- settlement [options]
  --mode local|scheduled|broker                      one redelivery mode; default all, side by side
  --strategy shared|individual|discarding|broker     one dead-letter strategy; default all, side by side
  --ack auto|transacted|all                          default auto
  --rounds N                                         200
  --stops                                            listeners are stopped and started, too
  --seed N                                           the same seed plans the same faults
  --keep                                             keeps the attempts and the consumers' logs
  --json                                             the last line is the verdict`;

/**
 * Faults at random points of settlement, for each redelivery mode and dead-letter strategy.
 */
export async function run(args: readonly string[]): Promise<number> {
  const values = readOptions(args, {
    mode: { type: 'string' },
    strategy: { type: 'string' },
    ack: { type: 'string', default: 'auto' },
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    stops: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const combinations: Combination[] = [];
  for (const ack of choose('--ack', values.ack === 'all' ? undefined : values.ack, ACK_MODES))
    for (const mode of choose('--mode', values.mode, MODES))
      for (const strategy of choose('--strategy', values.strategy, STRATEGIES)) combinations.push({ mode, strategy, ack });
  const rounds = wholeNumber('--rounds', values.rounds);
  const seed = wholeNumber('--seed', values.seed);
  const say = (line: string) => console.error(line);
  say(`${rounds} rounds, seed ${seed}`);
  const { verdicts, faults, seconds } = await runSettlementChaos({
    combinations,
    rounds,
    seed,
    stops: values.stops,
    keep: values.keep,
    say,
  });
  const { messages, lost, twoPlaces, overLimit, duplicates } = total([...verdicts.values()]);
  console.table([...verdicts].map(([{ mode, strategy, ack }, verdict]) => ({ mode, strategy, ack, ...verdict })));
  console.log(
    `${rounds} rounds in ${Math.round(seconds)} s, seed ${seed}; kill -9 of the consumer ${faults.consumer}, of the broker ${faults.broker}, sockets reset ${faults.socket} times, listeners stopped ${faults.stop} times`,
  );
  if (values.json) console.log(JSON.stringify({ rounds, messages, lost, twoPlaces, overLimit, duplicates }));
  return lost + twoPlaces + overLimit === 0 ? 0 : 1;
}
