import { KINDS } from './flat-memory/kinds.js';
import { measure, type Sample } from './flat-memory/measure.js';
import { choose, readOptions, wholeNumber } from './parts/arguments.js';

/** More than this between the first and the last tenth is growth: caches and compiled code settle late. */
const MOST_GROWTH = 1.25;
const SLACK = 8 * 1024 * 1024;

/** What {@link run} takes. */
export const usage = `npm run chaos -- flat-memory [options]   (needs jcmd, of a JDK)
  --deliveries N                                100000
  --kind transacted|dead-lettered|scheduled     one of them; default all
  --json                                        a verdict for each kind`;

/**
 * Whether memory is flat: the broker's heap and a consumer's, after garbage collections, at the first and at the last tenth.
 */
export async function run(args: readonly string[]): Promise<number> {
  const values = readOptions(args, {
    deliveries: { type: 'string', default: '100000' },
    kind: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const deliveries = wholeNumber('--deliveries', values.deliveries, 10);
  const kinds = choose('--kind', values.kind, KINDS);
  let isFlat = true;
  for (const kind of kinds) {
    const began = performance.now();
    const samples = await measure(kind, deliveries, (sample) => console.error(`${kind}: ${describe(sample)}`));
    const [first, last] = [samples[0]!, samples.at(-1)!];
    const grown = (['brokerHeap', 'rss', 'heapUsed'] as const).filter((name) => last[name] > first[name] * MOST_GROWTH + SLACK);
    isFlat &&= grown.length === 0;
    const seconds = Math.round((performance.now() - began) / 1_000);
    console.log(`${kind}: first tenth ${describe(first)}`);
    console.log(`${kind}: last tenth ${describe(last)}; ${seconds} s; ${grown.length === 0 ? 'flat' : `grown: ${grown.join(', ')}`}`);
    if (values.json) console.log(JSON.stringify({ kind, deliveries, seconds, flat: grown.length === 0, first, last }));
  }
  return isFlat ? 0 : 1;
}

function describe({ deliveries, brokerHeap, ackEntries, rss, heapUsed }: Sample): string {
  return `${deliveries} deliveries, broker heap ${megabytes(brokerHeap)} (${ackEntries} ack entries), our RSS ${megabytes(rss)}, our heap ${megabytes(heapUsed)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}
