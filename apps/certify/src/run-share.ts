import { parseArgs } from 'node:util';

import { UsageError } from './arguments.js';
import type { ScriptOutput } from './script.js';
import { share, SHARING, type ShareOptions } from './share.js';
import { shareLine, shareTable } from './share-result.js';

/** Said for `--help`, and after what is wrong. */
export const SHARE_USAGE = `Usage: npm run cluster -- share [${SHARING.join('|')}] [options]

  Sends messages at one broker of a network, handles them at the other, then at both, then while one is killed.

  --messages <n>   for each of the three, 100 to 1000000 (default 10000)
  --json           the result as JSON, on the last line

Exit code 0: nothing was lost; 1: not so; 2: wrong usage.`;

/** Runs `share`. Resolves with the exit code: 0 nothing was lost, 1 not so. Throws a UsageError when the command line makes no sense. */
export async function runShare(words: readonly string[], output: ScriptOutput): Promise<number> {
  const { json, help, topology, messages } = parseShareArguments(words);
  if (help) {
    output.out(SHARE_USAGE);
    return 0;
  }
  const result = await share({ topology, messages, progress: (line) => output.err(line) });
  output.out(json ? shareLine(result) : shareTable(result));
  return result.lost === 0 ? 0 : 1;
}

/**
 * Reads the words after `share`.
 *
 * @throws UsageError that names the wrong word and what may stand there
 */
export function parseShareArguments(
  words: readonly string[],
): Pick<ShareOptions, 'topology' | 'messages'> & { readonly json: boolean; readonly help: boolean } {
  const { values, positionals } = parse(words);
  const [word = SHARING[0], further] = positionals;
  const topology = SHARING.find((known) => known === word);
  if (topology === undefined || further !== undefined) {
    throw new UsageError(`'share' takes one of ${SHARING.join(', ')}, not '${further ?? word}'`);
  }
  const { messages: text = '10000' } = values;
  const messages = /^\d{3,7}$/.test(text) ? Number(text) : 0;
  if (messages < 100 || messages > 1_000_000) {
    throw new UsageError(`--messages is ${JSON.stringify(text)}; it must be a whole number from 100 to 1000000`);
  }
  return { topology, messages, json: values.json ?? false, help: values.help ?? false };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean' }, messages: { type: 'string' } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
