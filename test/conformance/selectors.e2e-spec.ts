import { type Cluster, startCluster } from 'activemq-cluster';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SelectorBench } from './selectors.bench.fixture.js';
import { KNOWN_DIFFERENCES, REDELIVERY_CASES, SELECTOR_CASES } from './selectors.cases.js';
import { ERROR, MESSAGES, selectByParser } from './selectors.fixture.js';
import { RandomSelectors } from './selectors.random.fixture.js';

const QUEUE = '/queue/selectors';
const RANDOM_SELECTORS = 2_000;
/** Another seed makes other selectors: `SELECTOR_SEED=7`. */
const SEED = Number(process.env['SELECTOR_SEED'] ?? 1);

let cluster: Cluster;
let bench: SelectorBench;

/** Leaves two messages on the queue: `fresh`, never delivered, and `returned`, delivered once and given back. */
async function prepareQueue(): Promise<void> {
  const { session } = bench;
  for (const message of ['fresh', 'returned']) await session.request('SEND', { destination: QUEUE, message });
  await new Promise<void>((resolve, reject) => {
    const headers = { destination: QUEUE, selector: `message = 'returned'`, ack: 'client-individual' };
    session.subscribe('taker', headers, () => resolve()).catch(reject);
  });
  await session.unsubscribe('taker');
}

beforeAll(async () => {
  // A hot JVM throws exceptions without a message; this broker then closes the connection instead of answering a failing SEND with ERROR.
  cluster = await startCluster({ topology: 'single', jvmOptions: ['-XX:-OmitStackTraceInFastThrow'] });
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('the cluster has no node');
  bench = await SelectorBench.open(node.ports.stomp);
});

afterAll(async () => {
  await bench?.close();
  await cluster?.down();
});

describe('selectors on a real broker', () => {
  describe.each(Object.entries(SELECTOR_CASES))('%s', (_, cases) => {
    it.each(cases.map(([selector, ...expected]) => ({ selector, expected })))('$selector', async ({ selector, expected }) => {
      expect(await bench.select(selector, MESSAGES)).toEqual(expected);
    });
  });

  describe('of messages that were delivered before', () => {
    beforeAll(prepareQueue);

    it.each(REDELIVERY_CASES)('%s', async (selector, fresh, returned) => {
      const expected = [...(fresh ? ['fresh'] : []), ...(returned ? ['returned'] : [])];
      expect((await bench.browse(QUEUE, selector)).sort()).toEqual(expected);
    });
  });

  it.each(KNOWN_DIFFERENCES)('accepts what the embedded broker refuses (%#)', async (selector) => {
    expect(await bench.select(selector, MESSAGES)).not.toEqual([ERROR]);
  });

  it(`agrees with the parser on ${RANDOM_SELECTORS} selectors made at random`, async () => {
    const random = new RandomSelectors(SEED);
    for (let i = 0; i < RANDOM_SELECTORS; i++) {
      const selector = random.selector();
      const messages = random.messages();
      const said = { selector, messages };
      expect({ ...said, outcome: selectByParser(selector, messages) }).toEqual({
        ...said,
        outcome: await bench.select(selector, messages),
      });
    }
  });
});
