import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SelectorBench } from './selectors.bench.fixture.js';
import { KNOWN_DIFFERENCES, REDELIVERY_CASES, SELECTOR_CASES } from './selectors.cases.js';
import { ERROR, MESSAGES, selectByParser } from './selectors.fixture.js';
import { RandomSelectors } from './selectors.random.fixture.js';
import type { BrokerUnderTest } from './support/broker-under-test.js';
import { expected as expectedOf } from './support/differences.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';

const QUEUE = '/queue/selectors';
const RANDOM_SELECTORS = 2_000;
/** Another seed makes other selectors: `SELECTOR_SEED=7`. */
const SEED = Number(process.env['SELECTOR_SEED'] ?? 1);

/** Where AND goes on after NULL, its right side makes these fail on more messages: name the ones selected, then the failing ones. */
const WITHOUT_STOP_AT_NULL: Readonly<Record<string, readonly string[]>> = {
  "color = 'red' AND size - 1 = 8": ['', 'red huge minus'],
  'nothing = 1 AND size - 1 = 8': ['', 'red Red odd huge wide minus'],
};

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
  const stopsAtNull = expectedOf('andStopsAtNull', broker);

  describe.each(Object.entries(SELECTOR_CASES))('%s', (_, cases) => {
    it.each(cases.map(([selector, ...expected]) => ({ selector, expected })))('$selector', async ({ selector, expected }) => {
      const outcome = stopsAtNull ? expected : (WITHOUT_STOP_AT_NULL[selector] ?? expected);
      expect(await bench().select(selector, MESSAGES)).toEqual(outcome);
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

describeOnEachBroker('selectors and the parser', (broker) => {
  const bench = benchOf(broker);

  it.each(KNOWN_DIFFERENCES)('what ActiveMQ accepts and the embedded broker refuses (%#)', async (selector) => {
    expect((await bench().select(selector, MESSAGES))[0] === ERROR).toBe(broker.version === 'embedded');
  });

  it(`agrees with the parser on ${RANDOM_SELECTORS} selectors made at random`, async () => {
    const random = new RandomSelectors(SEED);
    for (let i = 0; i < RANDOM_SELECTORS; i++) {
      const selector = random.selector();
      const messages = random.messages();
      // The parser stops at NULL; BETWEEN has an AND of its own.
      if (!expectedOf('andStopsAtNull', broker) && /\bAND\b/i.test(selector)) continue;
      const said = { selector, messages };
      expect({ ...said, outcome: selectByParser(selector, messages) }).toEqual({
        ...said,
        outcome: await bench().select(selector, messages),
      });
    }
  });
});
