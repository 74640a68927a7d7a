import { ClusterError } from '../errors.js';
import { routerNamespace } from './addresses.js';
import { lastLine, runProgram } from './run-program.js';

/** Before the router looks at its routes. */
const PRIORITY = 100;

/** What the router drops without a word: packets between two addresses, or all of one address (`to` undefined). */
export interface Cut {
  readonly from: string;
  readonly to?: string;
}

/** Everything of one address, or all between two, in either order. */
export function cutOf(address: string, other?: string): Cut {
  return other === undefined || address < other ? { from: address, to: other } : { from: other, to: address };
}

/** Drops all packets of the cut, both ways, from now on; fine when they are dropped already. */
export async function cut(folder: string, { from, to }: Cut): Promise<void> {
  const present = await readCuts(folder);
  if (!present.some((other) => other.from === from && other.to === to)) {
    for (const selector of selectors(from, to)) {
      await rule(folder, ['add', ...selector]);
    }
  }
}

/** Lets the packets of a cut pass again. */
export async function mend(folder: string, { from, to }: Cut): Promise<void> {
  for (const selector of selectors(from, to)) {
    await rule(folder, ['del', ...selector]);
  }
}

/** What the cluster's router drops now. */
export async function readCuts(folder: string): Promise<Cut[]> {
  const { code, stdout, stderr } = await runProgram('ip', ['-json', '-n', routerNamespace(folder), 'rule', 'show']);
  if (stderr.includes('No such file')) {
    // The cluster is being taken down this moment.
    return [];
  }
  if (code !== 0) {
    throw failed(stderr);
  }
  return parseRules(stdout);
}

/** The cuts among the router's rules, as `ip -json rule` writes them: a pair of rules each, of which one tells all. */
export function parseRules(json: string): Cut[] {
  const rules = JSON.parse(json) as readonly { readonly priority: number; readonly src: string; readonly dst?: string }[];
  const ours = rules.filter(({ priority }) => priority === PRIORITY);
  return ours.flatMap(({ src, dst }) => (src === 'all' || (dst !== undefined && dst < src) ? [] : [cutOf(src, dst)]));
}

function selectors(from: string, to: string | undefined): string[][] {
  return to === undefined
    ? [
        ['from', from],
        ['to', from],
      ]
    : [
        ['from', from, 'to', to],
        ['from', to, 'to', from],
      ];
}

async function rule(folder: string, words: readonly string[]): Promise<void> {
  const [action = '', ...selector] = words;
  const args = ['-n', routerNamespace(folder), 'rule', action, 'priority', String(PRIORITY), ...selector, 'blackhole'];
  const { code, stderr } = await runProgram('ip', args);
  if (code !== 0) {
    throw failed(stderr);
  }
}

function failed(stderr: string): ClusterError {
  return new ClusterError(
    'WRONG_STATE',
    `the cluster's router does not answer (${lastLine(stderr)}); take the cluster down and start it again`,
  );
}
