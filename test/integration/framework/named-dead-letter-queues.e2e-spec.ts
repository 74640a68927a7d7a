import 'reflect-metadata';
import { deadLetterPolicyEntries } from 'activemq-cluster';
import {
  BrokerDeadLetterStrategy,
  DeadLetterStrategyMap,
  IndividualDeadLetterStrategy,
  JmsMessagingTemplate,
  type RedeliveryPolicy,
} from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { countsOf, deadLetters, listenerOn, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

const AFFIXES = { queuePrefix: 'MY.', queueSuffix: '.END' };
const bench = Bench.forFile({ broker: { policyEntries: deadLetterPolicyEntries({ kind: 'individual', ...AFFIXES }) } });

const individual = new IndividualDeadLetterStrategy(AFFIXES);
const byBroker = new BrokerDeadLetterStrategy({ policy: individual });
const ONCE = { maximumRedeliveries: 0 };
const no = (): never => {
  throw new Error('no');
};

describe('a listener on a dead letter queue whose name is the choice of its strategy', () => {
  it.each<[string, ConstructorParameters<typeof DeadLetterStrategyMap>[0], RedeliveryPolicy]>([
    ["the broker's policy", { defaultEntry: byBroker, deadLetterStrategyEntries: [] }, ONCE],
    [
      "the broker's policy, redelivered by the broker",
      { defaultEntry: byBroker, deadLetterStrategyEntries: [] },
      { ...ONCE, mode: 'broker' },
    ],
    ['our strategy', { defaultEntry: individual, deadLetterStrategyEntries: [] }, ONCE],
    [
      'a strategy of other destinations',
      { defaultEntry: new BrokerDeadLetterStrategy(), deadLetterStrategyEntries: [{ destination: 'orders.>', strategy: byBroker }] },
      ONCE,
    ],
  ])('keeps what fails there: %s', async (_, strategies, redelivery) => {
    const queue = bench.queue();
    const dlq = `MY.${queue}.END`;
    const options = { deadLetter: new DeadLetterStrategyMap(strategies) };
    const first = await bench.app({ providers: [listenerOn({ destination: queue, redelivery: ONCE }, no)], options });
    const { idempotencyKey } = await first.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await until(async () => expect(await deadLetters(bench, idempotencyKey, dlq)).toHaveLength(1));
    await first.close();

    const second = await bench.app({ providers: [listenerOn({ destination: dlq, redelivery }, no)], options });
    await until(() => expect(countsOf(second).released).toBe(1));
    await second.close();
    expect(await deadLetters(bench, idempotencyKey, dlq)).toHaveLength(1);
    expect(await deadLetters(bench, idempotencyKey, `MY.${dlq}.END`)).toEqual([]);
  });
});
