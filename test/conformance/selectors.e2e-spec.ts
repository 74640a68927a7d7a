import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SelectorBench } from './selectors.bench.fixture.js';
import { KNOWN_DIFFERENCES, REDELIVERY_CASES, SELECTOR_CASES } from './selectors.cases.js';
import { ERROR, MESSAGES, selectByParser } from './selectors.fixture.js';
import { RandomSelectors } from './selectors.random.fixture.js';
import type { BrokerUnderTest } from './support/broker-under-test.js';
import { describeOnEachBroker, describeOnEachRealBroker } from './support/describe-on-each-broker.js';

const QUEUE = '/queue/selectors';
const RANDOM_SELECTORS = 2_000;
/** Another seed makes other selectors: `SELECTOR_SEED=7`. */
const SEED = Number(process.env['SELECTOR_SEED'] ?? 1);

/** One bench for all tests of a broker. */
function benchOf(broker: BrokerUnderTest): () => SelectorBench {
  let bench: SelectorBench;
  beforeAll(async () => {
    bench = await SelectorBench.open(await broker.openForLong());
  });
  afterAll(async () => bench?.close());
  return () => bench;
}

/** Leaves two messages on the queue: `fresh`, never delivered, and `returned`, delivered once and given back. */
async function prepareQueue({ session }: SelectorBench): Promise<void> {
  for (const message of ['fresh', 'returned']) await session.request('SEND', { destination: QUEUE, message });
  await new Promise<void>((resolve, reject) => {
    const headers = { destination: QUEUE, selector: `message = 'returned'`, ack: 'client-individual' };
    session.subscribe('taker', headers, () => resolve()).catch(reject);
  });
  await session.unsubscribe('taker');
}

describeOnEachBroker('selectors', (broker) => {
  const bench = benchOf(broker);

  describe.each(Object.entries(SELECTOR_CASES))('%s', (_, cases) => {
    it.each(cases.map(([selector, ...expected]) => ({ selector, expected })))('$selector', async ({ selector, expected }) => {
      expect(await bench().select(selector, MESSAGES)).toEqual(expected);
    });
  });

  describe('of messages that were delivered before', () => {
    beforeAll(async () => prepareQueue(bench()));

    it.each(REDELIVERY_CASES)('%s', async (selector, fresh, returned) => {
      const expected = [...(fresh ? ['fresh'] : []), ...(returned ? ['returned'] : [])];
      expect((await bench().browse(QUEUE, selector)).sort()).toEqual(expected);
    });
  });
});

describeOnEachRealBroker('selectors and the parser', (broker) => {
  const bench = benchOf(broker);

  it.each(KNOWN_DIFFERENCES)('accepts what the embedded broker refuses (%#)', async (selector) => {
    expect(await bench().select(selector, MESSAGES)).not.toEqual([ERROR]);
  });

  it(`agrees with the parser on ${RANDOM_SELECTORS} selectors made at random`, async () => {
    const random = new RandomSelectors(SEED);
    for (let i = 0; i < RANDOM_SELECTORS; i++) {
      const selector = random.selector();
      const messages = random.messages();
      const said = { selector, messages };
      expect({ ...said, outcome: selectByParser(selector, messages) }).toEqual({
        ...said,
        outcome: await bench().select(selector, messages),
      });
    }
  });
});
