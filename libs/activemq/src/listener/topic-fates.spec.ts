import { describe, expect, it } from 'vitest';

import { BrokerDeadLetterStrategy } from '../delivery/dead-letter/broker-dead-letter-strategy.js';
import { DeadLetterStrategyMap } from '../delivery/dead-letter/dead-letter-strategy-map.js';
import { fakeDelivery, inFlightOf, processBench } from '../delivery/delivery.fixture.js';
import { SharedDeadLetterStrategy } from '../delivery/dead-letter/shared-dead-letter-strategy.js';
import { DEFAULT_REDELIVERY_POLICY } from '../delivery/redelivery-policy.js';
import { RedeliveryPolicyMap } from '../delivery/redelivery-policy-map.js';
import { ConfigurationError, NonRetryableError } from '../errors/index.js';
import { type ListenerSettings, resolveEndpoint } from './jms-listener.resolver.js';
import type { JmsListenerOptions } from './jms-listener-options.js';

class Prices {
  handle(): void {}
}

function endpoint(options: Partial<JmsListenerOptions>, settings: Partial<ListenerSettings> = {}) {
  const definition = {
    options: { destination: 'prices', ...options },
    prototype: Prices.prototype,
    className: 'Prices',
    methodName: 'handle',
    ordinal: 0,
  };
  return resolveEndpoint(definition, {
    connection: 'default',
    pubSubDomain: false,
    defaults: {},
    overrides: {},
    redelivery: DEFAULT_REDELIVERY_POLICY,
    deadLetter: new SharedDeadLetterStrategy(),
    ...settings,
  });
}

describe('the fate of messages of a topic', () => {
  const byBroker = new BrokerDeadLetterStrategy();
  const DURABLE = { clientId: 'shop' };

  it.each<[string, Partial<JmsListenerOptions>, Partial<ListenerSettings>, RegExp]>([
    [
      'scheduled',
      { redelivery: { mode: 'scheduled' } },
      {},
      /`mode: 'scheduled'` would send the copy to every subscriber.*use 'local', or .*virtual topic/,
    ],
    ['broker', { redelivery: { mode: 'broker' } }, {}, /`mode: 'broker'` would have .*redeliveryPlugin.*use 'local', or .*virtual topic/],
    ['broker, durable', { redelivery: { mode: 'broker' }, subscription: 's' }, DURABLE, /`mode: 'broker'`.*use 'local'/],
    ['broker, of the module', {}, { redelivery: { mode: 'broker' } }, /`mode: 'broker'`.*use 'local'/],
    [
      'broker, in a map',
      {},
      { redelivery: new RedeliveryPolicyMap({ redeliveryPolicyEntries: [{ destination: 'topic://>', mode: 'broker' }] }) },
      /`mode: 'broker'`.*use 'local'/,
    ],
    [
      'dead letters',
      { deadLetter: byBroker },
      {},
      /BrokerDeadLetterStrategy .*not durable.*`deadLetter: new SharedDeadLetterStrategy\(\)`.*`subscription`/,
    ],
    ['dead letters of the module', {}, { deadLetter: byBroker, clientId: 'shop' }, /BrokerDeadLetterStrategy .*not durable/],
    [
      'dead letters in a map',
      {},
      { deadLetter: new DeadLetterStrategyMap({ deadLetterStrategyEntries: [{ destination: 'topic://*', strategy: byBroker }] }) },
      /BrokerDeadLetterStrategy .*not durable/,
    ],
  ])('is refused where the broker cannot bring it about: %s', (_, options, settings, why) => {
    for (const destination of ['topic://prices', 'queue://orders,topic://prices']) {
      if (options.subscription !== undefined && destination.startsWith('queue')) continue;
      expect(() => endpoint({ destination, ...options }, settings)).toThrow(ConfigurationError);
      expect(() => endpoint({ destination, ...options }, settings)).toThrow(/^Listener 'Prices\.handle'/);
      expect(() => endpoint({ destination, ...options }, settings)).toThrow(why);
    }
    expect(() => endpoint(options.subscription === undefined ? options : {}, settings)).not.toThrow();
  });

  it('may be a dead letter of the broker for a durable subscription, and queues beside a topic may have them', () => {
    expect(() => endpoint({ destination: 'topic://prices', subscription: 's', deadLetter: byBroker }, DURABLE)).not.toThrow();
    const deadLetter = new DeadLetterStrategyMap({ deadLetterStrategyEntries: [{ destination: '>', strategy: byBroker }] });
    expect(() => endpoint({ destination: 'queue://orders,topic://prices', deadLetter })).not.toThrow();
  });

  it('is to wait here where the topic has another mode, which its pattern hid at the start', () => {
    const redeliveryPolicyEntries = [
      { destination: 'topic://prices.eu', mode: 'broker', maximumRedeliveries: 2 },
      { destination: 'queue://prices.eu', mode: 'broker' },
    ] as const;
    const { redelivery } = endpoint({
      destination: 'topic://prices.>',
      redelivery: new RedeliveryPolicyMap({ redeliveryPolicyEntries }),
    });
    expect(redelivery({ type: 'topic', physicalName: 'prices.eu' })).toMatchObject({ mode: 'local', maximumRedeliveries: 2 });
    expect(redelivery({ type: 'queue', physicalName: 'prices.eu' })).toMatchObject({ mode: 'broker' });
  });

  it('is to be discarded, and called that, where its dead letter strategy is one that its pattern hid at the start', async () => {
    const { process, outcomes, logger } = processBench(() => Promise.reject(new NonRetryableError('no')), { deadLetter: byBroker });
    const delivery = fakeDelivery({ destination: '/topic/prices.eu', persistent: 'true' });
    await process.run(inFlightOf(delivery));
    expect([delivery.reject.mock.calls.length, delivery.acknowledge.mock.calls.length]).toEqual([0, 1]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['discarded']);
    expect(logger.lines).toEqual([expect.stringMatching(/^error: .*topic:\/\/prices\.eu is discarded after 1 attempt, /)]);
  });
});
