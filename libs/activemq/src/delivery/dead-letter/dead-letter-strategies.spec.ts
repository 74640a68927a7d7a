import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../../errors/index.js';
import { type JmsDestination, parseDestinations } from '../../message/destination.js';
import { BrokerDeadLetterStrategy } from './broker-dead-letter-strategy.js';
import { DeadLetterStrategy, type DeadLetterTarget } from './dead-letter-strategy.js';
import { DeadLetterStrategyMap, deadLetterStrategyLookup } from './dead-letter-strategy-map.js';
import { DiscardingDeadLetterStrategy } from './discarding-dead-letter-strategy.js';
import { IndividualDeadLetterStrategy, type IndividualDeadLetterStrategyOptions } from './individual-dead-letter-strategy.js';
import { SharedDeadLetterStrategy } from './shared-dead-letter-strategy.js';

const ORDERS: JmsDestination = { type: 'queue', physicalName: 'orders' };
const PRICES: JmsDestination = { type: 'topic', physicalName: 'prices' };
const SUBSCRIBER = { clientId: 'app', subscriptionName: 'eu' };

describe('SharedDeadLetterStrategy', () => {
  it("has ActiveMQ's defaults", () => {
    const strategy = new SharedDeadLetterStrategy();
    expect(strategy.targetFor()).toEqual({ type: 'queue', physicalName: 'ActiveMQ.DLQ' });
    expect(strategy).toMatchObject({ processExpired: true, processNonPersistent: false, expiration: 0 });
  });

  it('takes another queue, and no two', () => {
    expect(new SharedDeadLetterStrategy({ deadLetterQueue: 'dead' }).targetFor()).toEqual({ type: 'queue', physicalName: 'dead' });
    expect(() => new SharedDeadLetterStrategy({ deadLetterQueue: 'a,b' })).toThrow('is one queue');
  });

  it.each(['topic://dead', 'temp-queue://dead', 'topic://dead.>'])('refuses %s, where dead letters would be lost', (deadLetterQueue) => {
    expect(() => new SharedDeadLetterStrategy({ deadLetterQueue })).toThrow(
      `SharedDeadLetterStrategy: \`deadLetterQueue\` is one queue, as in "ActiveMQ.DLQ", not ${deadLetterQueue}`,
    );
  });
});

describe('IndividualDeadLetterStrategy', () => {
  it.each<[IndividualDeadLetterStrategyOptions, JmsDestination, JmsDestination]>([
    [{}, ORDERS, { type: 'queue', physicalName: 'ActiveMQ.DLQ.Queue.orders' }],
    [{}, PRICES, { type: 'queue', physicalName: 'ActiveMQ.DLQ.Topic.prices' }],
    [{ queuePrefix: 'DLQ.' }, ORDERS, { type: 'queue', physicalName: 'DLQ.orders' }],
    [{ queuePrefix: '', queueSuffix: '.dlq' }, ORDERS, { type: 'queue', physicalName: 'orders.dlq' }],
    [{ useQueueForQueueMessages: false }, ORDERS, { type: 'topic', physicalName: 'ActiveMQ.DLQ.Queue.orders' }],
    [{ topicPrefix: 'DLT.', topicSuffix: '.x' }, PRICES, { type: 'queue', physicalName: 'DLT.prices.x' }],
    [{ useQueueForTopicMessages: false }, PRICES, { type: 'topic', physicalName: 'ActiveMQ.DLQ.Topic.prices' }],
    [{ topicPrefix: 'DLT.', destinationPerDurableSubscriber: true }, PRICES, { type: 'queue', physicalName: 'DLT.prices.app:eu' }],
  ])('%o: %o goes to %o', (options, destination, target) => {
    expect(new IndividualDeadLetterStrategy(options).targetFor(destination, SUBSCRIBER)).toEqual(target);
  });

  it.each<[IndividualDeadLetterStrategyOptions, RegExp]>([
    [
      { queuePrefix: 'queue://DLQ.' },
      /`queuePrefix` is "queue:\/\/DLQ\.", .* type of a destination, .*`useQueueForQueueMessages`.*"DLQ\."$/,
    ],
    [{ queuePrefix: '/queue/DLQ.' }, /`queuePrefix` is "\/queue\/DLQ\.", .* type of a destination/],
    [{ queuePrefix: 'topic:DLQ.' }, /`queuePrefix` is "topic:DLQ\.", .* type of a destination/],
    [{ topicPrefix: 'topic://DLT.' }, /`topicPrefix` is "topic:\/\/DLT\.", .* type of a destination, .*`useQueueForTopicMessages`/],
    [{ topicPrefix: 'zza,zzb.' }, /`topicPrefix` is "zza,zzb\.", which has a comma.*several queues/],
    [{ queueSuffix: ',audit' }, /`queueSuffix` is ",audit", which has a comma/],
    [{ queuePrefix: 'DLQ.>' }, /`queuePrefix` is "DLQ\.>", which has a wildcard/],
    [{ queuePrefix: 'a*' }, /`queuePrefix` is "a\*", which has a wildcard/],
    [{ topicSuffix: '.*' }, /`topicSuffix` is "\.\*", which has a wildcard/],
    [{ queuePrefix: 'my dlq ' }, /`queuePrefix` is "my dlq ", which has white space/],
    [{ queueSuffix: '.dead\n' }, /`queueSuffix` is "\.dead\\n", which has control characters/],
    [{ queuePrefix: 'DLQ?consumer.priority=1.' }, /which has a question mark/],
    [{ queuePrefix: 7 as never }, /`queuePrefix` must be a text, as in "DLQ\."/],
  ])('refuses %j: dead letters would be somewhere else, or in two places', (options, why) => {
    expect(() => new IndividualDeadLetterStrategy(options)).toThrow(ConfigurationError);
    expect(() => new IndividualDeadLetterStrategy(options)).toThrow(why);
  });

  it('takes what a name may have', () => {
    const options = { queuePrefix: 'DLQ/', queueSuffix: '/dead:letters_(1)', topicPrefix: 'Ünï.', topicSuffix: '' };
    expect(new IndividualDeadLetterStrategy(options).targetFor(ORDERS)).toEqual({
      type: 'queue',
      physicalName: 'DLQ/orders/dead:letters_(1)',
    });
  });

  it('refuses what would bring a dead letter back to its own queue', () => {
    expect(() => new IndividualDeadLetterStrategy({ queuePrefix: '' })).toThrow('would come back to its own queue');
  });
});

describe('BrokerDeadLetterStrategy', () => {
  it('leaves everything to the broker, but what that would lose: the messages of a topic without a durable subscription', () => {
    const strategy = new BrokerDeadLetterStrategy();
    expect([strategy.targetFor(ORDERS), strategy.targetFor(PRICES, SUBSCRIBER)]).toEqual(['broker', 'broker']);
    expect([PRICES, { ...PRICES, type: 'temp-topic' } as const].map((topic) => strategy.targetFor(topic))).toEqual(['discard', 'discard']);
  });
});

describe('isDeadLetterQueue', () => {
  const own = new IndividualDeadLetterStrategy({ queuePrefix: 'MY.', queueSuffix: '.END', topicPrefix: 'MYT.' });
  const suffixed = new IndividualDeadLetterStrategy({ queuePrefix: '', queueSuffix: '.dead' });
  const topicsAsTheyAre = new IndividualDeadLetterStrategy({ queuePrefix: 'MY.', topicPrefix: '' });
  const onTopics = new IndividualDeadLetterStrategy({
    queuePrefix: 'MY.',
    topicPrefix: 'MYT.',
    useQueueForQueueMessages: false,
    useQueueForTopicMessages: false,
  });
  class Custom extends DeadLetterStrategy {
    constructor() {
      super('Custom', {});
    }

    targetFor({ physicalName }: JmsDestination): DeadLetterTarget {
      return { type: 'queue', physicalName: `dead-${physicalName[0]}` };
    }
  }

  it.each<[string, DeadLetterStrategy, string, boolean]>([
    ['the shared one', new SharedDeadLetterStrategy({ deadLetterQueue: 'dead' }), 'queue://dead', true],
    ['the shared one', new SharedDeadLetterStrategy({ deadLetterQueue: 'dead' }), 'queue://dead.orders', false],
    ['the shared one', new SharedDeadLetterStrategy({ deadLetterQueue: 'dead' }), 'topic://dead', false],
    ['a prefix and a suffix', own, 'queue://MY.orders.END', true],
    ['a prefix and a suffix', own, 'queue://MY.orders', false],
    ['a prefix and a suffix', own, 'queue://orders.END', false],
    ['a prefix and a suffix', own, 'queue://MY..END', false],
    ['a prefix and a suffix', own, 'queue://MY.END', false],
    ['a prefix and a suffix', own, 'topic://MY.orders.END', false],
    ["a prefix of topics' dead letters", own, 'queue://MYT.prices', true],
    ["a prefix of topics' dead letters", own, 'queue://MYT.', false],
    ['a suffix', suffixed, 'queue://orders.dead', true],
    ['a suffix', suffixed, 'queue://.dead', false],
    ['a suffix', suffixed, 'queue://orders', false],
    ["no prefix of topics' dead letters", topicsAsTheyAre, 'queue://orders', false],
    ["no prefix of topics' dead letters", topicsAsTheyAre, 'queue://MY.orders', true],
    ['topics, that are no queues', onTopics, 'queue://MY.orders', false],
    ['topics, that are no queues', onTopics, 'queue://MYT.prices', false],
    ["the broker's policy", new BrokerDeadLetterStrategy({ policy: own }), 'queue://MY.orders.END', true],
    ["the broker's policy", new BrokerDeadLetterStrategy({ policy: own }), 'queue://orders', false],
    ['a broker of which nothing is known', new BrokerDeadLetterStrategy(), 'queue://ActiveMQ.DLQ', true],
    ['a broker of which nothing is known', new BrokerDeadLetterStrategy(), 'queue://MY.orders.END', false],
    ['none', new DiscardingDeadLetterStrategy(), 'queue://orders', false],
    ['a target that is its own', new Custom(), 'queue://dead-d', true],
    ['a target that is another', new Custom(), 'queue://dead-o', false],
  ])('with %s (%o) of %s: %s', (_, strategy, queue, expected) => {
    expect(strategy.isDeadLetterQueue(parseDestinations(queue)[0]!)).toBe(expected);
  });
});

describe('every strategy', () => {
  it('refuses unknown options and impossible values', () => {
    const unknown = { procesExpired: true } as object;
    expect(() => new SharedDeadLetterStrategy(unknown)).toThrow('Did you mean `processExpired`?');
    expect(() => new DiscardingDeadLetterStrategy(unknown)).toThrow('DiscardingDeadLetterStrategy: unknown option');
    expect(() => new IndividualDeadLetterStrategy({ expiration: -1 })).toThrow('`expiration` is -1');
  });

  it.each(['processNonPersistent', 'expiration'])('of the broker has no %s of its own', (name) => {
    expect(() => new BrokerDeadLetterStrategy({ [name]: name === 'expiration' ? 5 : true })).toThrow(
      `BrokerDeadLetterStrategy: \`${name}\` has no effect, the broker's own policy decides`,
    );
  });

  it('of its kind says so', () => {
    expect([new DiscardingDeadLetterStrategy().targetFor(), new BrokerDeadLetterStrategy().targetFor(ORDERS)]).toEqual([
      'discard',
      'broker',
    ]);
  });
});

describe('DeadLetterStrategyMap', () => {
  it('finds the most exact strategy, else its default', () => {
    const [own, other] = [new IndividualDeadLetterStrategy(), new DiscardingDeadLetterStrategy()];
    const map = new DeadLetterStrategyMap({
      defaultEntry: other,
      deadLetterStrategyEntries: [{ destination: 'orders.>', strategy: own }],
    });
    const lookup = deadLetterStrategyLookup('here', map);
    expect([lookup(ORDERS), lookup(PRICES)]).toEqual([own, other]);
  });

  const entries = (...given: readonly object[]) => ({ deadLetterStrategyEntries: given });
  const strategy = new SharedDeadLetterStrategy();

  it.each<[unknown, RegExp]>([
    [undefined, /DeadLetterStrategyMap: the options are undefined; write an object/],
    [{}, /DeadLetterStrategyMap: `deadLetterStrategyEntries` is undefined; it must be an array of objects/],
    [{ deadLetterStrategyEntry: [] }, /unknown option `deadLetterStrategyEntry`\. Did you mean `deadLetterStrategyEntries`\?/],
    [{ policyEntries: [] }, /unknown option `policyEntries`\. Write `deadLetterStrategyEntries`/],
    [
      entries({ destnation: 'a', strategy }),
      /Entry 1 of DeadLetterStrategyMap: unknown option `destnation`\. Did you mean `destination`\? Known options: destination, strategy/,
    ],
    [entries({ strategy }), /Entry 1 of DeadLetterStrategyMap: `destination` must be a text/],
    [
      entries({ destination: 'a', deadLetterStrategy: strategy }),
      /The entry for 'a' of .*unknown option `deadLetterStrategy`\. Write `strategy`\./,
    ],
    [entries({ destination: 'a' }), /The entry for 'a' of DeadLetterStrategyMap is no dead-letter strategy/],
    [
      entries({ destination: 'orders*', strategy }),
      /The entry for 'orders\*' of DeadLetterStrategyMap: ActiveMQ takes 'orders\*' in its `destination` for a name; .*'orders\.>'/,
    ],
    [
      entries({ destination: 'a,topic://b.#', strategy }),
      /The entry for 'a,topic:\/\/b\.#' of .*takes '#' in its `destination` for a name/,
    ],
    [entries({ destination: 'a.>.b', strategy }), /DeadLetterStrategyMap: queue:\/\/a\.>\.b has a ">" that is not its last segment/],
  ])('refuses %o with a cure', (options, why) => {
    expect(() => new DeadLetterStrategyMap(options as never)).toThrow(ConfigurationError);
    expect(() => new DeadLetterStrategyMap(options as never)).toThrow(why);
  });

  it('refuses what is no strategy, with what is one', () => {
    expect(() => deadLetterStrategyLookup('`deadLetter` of x', 'DLQ' as never)).toThrow(
      /^`deadLetter` of x is no dead-letter strategy; give a new SharedDeadLetterStrategy\(\)/,
    );
  });
});
