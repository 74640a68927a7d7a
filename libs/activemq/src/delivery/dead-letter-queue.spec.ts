import { expect, it } from 'vitest';

import { type JmsDestination, parseDestinations } from '../message/destination.js';
import { BrokerDeadLetterStrategy } from './dead-letter/broker-dead-letter-strategy.js';
import { DeadLetterStrategy, type DeadLetterTarget } from './dead-letter/dead-letter-strategy.js';
import { DeadLetterStrategyMap, deadLetterStrategyLookup } from './dead-letter/dead-letter-strategy-map.js';
import { IndividualDeadLetterStrategy } from './dead-letter/individual-dead-letter-strategy.js';
import { SharedDeadLetterStrategy } from './dead-letter/shared-dead-letter-strategy.js';
import { holdsDeadLetters, isDeadLetterQueue } from './dead-letter-queue.js';

it.each([
  ['queue://ActiveMQ.DLQ', true],
  ['queue://ActiveMQ.DLQ.Queue.orders', true],
  ['queue://DLQ.orders', true],
  ['queue://orders', false],
  ['queue://DLQ', false],
  ['queue://ActiveMQ.DLQs', false],
  ['topic://ActiveMQ.DLQ', false],
  ['queue://my.ActiveMQ.DLQ', false],
])('%s is a dead letter queue by its name: %s', (destination, expected) => {
  expect(isDeadLetterQueue(destination)).toBe(expected);
});

const individual = new IndividualDeadLetterStrategy({ queuePrefix: 'MY.', queueSuffix: '.END' });
const map = new DeadLetterStrategyMap({
  defaultEntry: new BrokerDeadLetterStrategy(),
  deadLetterStrategyEntries: [{ destination: 'payments.>', strategy: individual }],
});

/** Says of its own queue that it is none. */
class Careless extends DeadLetterStrategy {
  constructor() {
    super('Careless', {});
  }

  targetFor(): DeadLetterTarget {
    return { type: 'queue', physicalName: 'careless' };
  }

  override isDeadLetterQueue({ physicalName }: JmsDestination): boolean {
    return physicalName === 'graves';
  }
}

it.each<[string, DeadLetterStrategy | DeadLetterStrategyMap, boolean]>([
  ['DLQ.orders', new SharedDeadLetterStrategy(), true],
  ['orders', new SharedDeadLetterStrategy(), false],
  ['orders', new SharedDeadLetterStrategy({ deadLetterQueue: 'orders' }), true],
  ['MY.orders.END', individual, true],
  ['MY.orders.END', new BrokerDeadLetterStrategy({ policy: individual }), true],
  ['MY.orders.END', new BrokerDeadLetterStrategy(), false],
  ['MY.payments.eu.END', map, true],
  ['payments.eu', map, false],
  ['graves', new Careless(), true],
  ['careless', new Careless(), true],
  ['orders', new Careless(), false],
])('what fails on %s is a dead letter already by %o: %s', (queue, given, expected) => {
  expect(holdsDeadLetters(parseDestinations(queue)[0]!, deadLetterStrategyLookup('here', given))).toBe(expected);
});
