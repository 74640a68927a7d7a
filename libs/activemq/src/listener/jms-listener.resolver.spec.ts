import { describe, expect, it } from 'vitest';

import { JmsAcknowledgment } from '../delivery/jms-acknowledgment.js';
import type { DeadLetterStrategy } from '../delivery/dead-letter/dead-letter-strategy.js';
import { DiscardingDeadLetterStrategy } from '../delivery/dead-letter/discarding-dead-letter-strategy.js';
import { BrokerDeadLetterStrategy } from '../delivery/dead-letter/broker-dead-letter-strategy.js';
import { IndividualDeadLetterStrategy } from '../delivery/dead-letter/individual-dead-letter-strategy.js';
import { SharedDeadLetterStrategy } from '../delivery/dead-letter/shared-dead-letter-strategy.js';
import { DEFAULT_REDELIVERY_POLICY } from '../delivery/redelivery-policy.js';
import { RedeliveryPolicyMap } from '../delivery/redelivery-policy-map.js';
import { ConfigurationError } from '../errors/index.js';
import { formatDestination, type JmsDestination } from '../message/destination.js';
import { describeEndpoint } from './describe-endpoint.js';
import { JmsListener } from './jms-listener.decorator.js';
import { type ListenerSettings, resolveEndpoint } from './jms-listener.resolver.js';
import type { JmsListenerOptions } from './jms-listener-options.js';
import { subscribeHeaders } from './subscribe-headers.js';

class Orders {
  @JmsListener('orders')
  handle(_order: unknown): void {}
  @JmsListener('orders')
  unfilled(_order: unknown, _what: string): void {}
  @JmsListener('orders')
  manual(_order: unknown, _acknowledgment: JmsAcknowledgment): void {}
}

const values: Record<string, string> = { queue: 'orders.eu', many: '3-10', rest: "currency = 'EUR'" };
const QUEUE: JmsDestination = { type: 'queue', physicalName: 'orders' };
const SETTINGS: ListenerSettings = {
  connection: 'default',
  pubSubDomain: false,
  defaults: {},
  overrides: {},
  redelivery: DEFAULT_REDELIVERY_POLICY,
  deadLetter: new SharedDeadLetterStrategy(),
  placeholders: (key) => values[key],
};

function endpoint(
  options: Partial<JmsListenerOptions>,
  settings: Partial<ListenerSettings> = {},
  methodName: keyof Orders = 'handle',
  ordinal = 0,
) {
  const definition = {
    options: { destination: 'orders', ...options },
    prototype: Orders.prototype,
    className: 'Orders',
    methodName,
    ordinal,
  };
  return resolveEndpoint(definition, { ...SETTINGS, ...settings });
}

describe('resolveEndpoint', () => {
  it.each(["REGEX('a.*', name)", "XPATH '//order'", "INLIST(SPLIT(tags, ','), 'a')", "hyphenated_props:my-header = 'EU'"])(
    'leaves it to the broker whether it understands the selector %s',
    (selector) => {
      expect(endpoint({ selector }).selector).toBe(selector);
    },
  );

  it.each(["region = 'EU", 'a ==', '${rest} AND'])('refuses the selector %s at the start, with the place of the error', (selector) => {
    expect(() => endpoint({ selector })).toThrow(ConfigurationError);
    expect(() => endpoint({ selector })).toThrow(
      /^Listener 'Orders.handle' .*`selector`: The selector .* is invalid at character \d+: .*as in "currency/,
    );
  });

  it('has safe defaults', () => {
    expect(endpoint({})).toMatchObject({
      id: 'Orders.handle',
      methodName: 'Orders.handle',
      connection: 'default',
      destinations: [{ type: 'queue', physicalName: 'orders' }],
      selector: undefined,
      subscription: undefined,
      concurrency: 1,
      prefetch: 10,
      ackMode: 'auto',
      exclusive: false,
      priority: 0,
      autoStartup: true,
    });
    expect(endpoint({}).redelivery(QUEUE)).toEqual(DEFAULT_REDELIVERY_POLICY);
  });

  it('numbers the listeners of a method that is decorated more than once', () => {
    expect([0, 1, 2].map((ordinal) => endpoint({}, {}, 'handle', ordinal).id)).toEqual([
      'Orders.handle',
      'Orders.handle#2',
      'Orders.handle#3',
    ]);
  });

  it('resolves placeholders in every text', () => {
    const resolved = endpoint(
      { id: '${queue}', destination: 'topic://${queue}', selector: '${rest}', subscription: '${queue}', concurrency: '${many}' },
      { clientId: 'shop' },
    );
    expect([
      resolved.id,
      resolved.destinations.map(formatDestination),
      resolved.selector,
      resolved.subscription,
      resolved.concurrency,
    ]).toEqual(['orders.eu', ['topic://orders.eu'], "currency = 'EUR'", 'orders.eu', 10]);
  });

  it.each([
    [undefined, 1, 10],
    [1, 1, 10],
    [4, 4, 40],
    [10, 10, 100],
    [50, 50, 100],
    [500, 500, 500],
    ['5', 5, 50],
    ['3-10', 10, 100],
    [' 3 - 10 ', 10, 100],
    ['1-1', 1, 10],
  ])('concurrency %j is %d slots, and a prefetch of %d', (concurrency, slots, prefetch) => {
    expect(endpoint({ concurrency })).toMatchObject({ concurrency: slots, prefetch });
  });

  it.each([
    [{ size: 5 }, {}, 10],
    [{ size: 50 }, {}, 100],
    [{ size: 50 }, { concurrency: 3 }, 300],
    [{ size: 50 }, { concurrency: 3, prefetch: 10 }, 150],
    [{ size: 50 }, { prefetch: 400 }, 400],
    [{ size: 10_000 }, { concurrency: 10 }, 32_766],
  ])('batches of %j with %j have a prefetch of %d', (batch, options, prefetch) => {
    expect(endpoint({ batch, ...options })).toMatchObject({ batch: { ...batch, timeout: 100 }, prefetch });
  });

  it('lets the module override the decorator, and the decorator the defaults; undefined says nothing', () => {
    const resolved = endpoint(
      { concurrency: 2, prefetch: 20, exclusive: true, redelivery: { maximumRedeliveries: 3, redeliveryDelay: 30 } },
      {
        defaults: { concurrency: 1, ackMode: 'manual', redelivery: { maximumRedeliveries: 1, initialRedeliveryDelay: 10 } },
        overrides: {
          'Orders.handle': {
            destination: 'other',
            concurrency: 5,
            exclusive: undefined,
            redelivery: { redeliveryDelay: 40, maximumRedeliveries: undefined },
          },
        },
      },
    );
    expect(resolved.destinations.map(formatDestination)).toEqual(['queue://other']);
    expect(resolved).toMatchObject({ concurrency: 5, prefetch: 20, exclusive: true, ackMode: 'manual' });
    expect(resolved.redelivery(QUEUE)).toMatchObject({ maximumRedeliveries: 3, initialRedeliveryDelay: 10, redeliveryDelay: 40 });
  });

  it('takes a map of redelivery policies, which is complete, and lays policies over it', () => {
    const redelivery = new RedeliveryPolicyMap({
      defaultEntry: { maximumRedeliveries: 1 },
      redeliveryPolicyEntries: [{ destination: 'orders', maximumRedeliveries: 2 }],
    });
    const settings: Partial<ListenerSettings> = { redelivery: { redeliveryDelay: 30 } };
    expect(endpoint({ redelivery }, settings).redelivery(QUEUE)).toMatchObject({ maximumRedeliveries: 2, redeliveryDelay: 1000 });
    expect(endpoint({ redelivery: { redeliveryDelay: 5 } }, { defaults: { redelivery } }).redelivery(QUEUE)).toMatchObject({
      maximumRedeliveries: 2,
      redeliveryDelay: 5,
    });
    const other = { type: 'queue', physicalName: 'other' } as const;
    expect(endpoint({}, { redelivery }).redelivery(other)).toMatchObject({ maximumRedeliveries: 1 });
  });

  it.each([
    ['x.>', { queuePrefix: 'x.dlq.' }],
    ['x.>', { queuePrefix: '', queueSuffix: '.dlq' }],
    ['x.*', { queuePrefix: '', queueSuffix: '-dlq' }],
    ['x.>,y', { queuePrefix: 'x.dlq.' }],
    ['topic://x.>', { topicPrefix: 'x.dlq.', useQueueForTopicMessages: false }],
  ])('refuses %s with %j: it would be given the dead letters of its dead letters', (destination, options) => {
    const deadLetter = new IndividualDeadLetterStrategy(options);
    expect(() => endpoint({ destination, deadLetter })).toThrow(ConfigurationError);
    expect(() => endpoint({ destination, deadLetter })).toThrow(
      /^Listener 'Orders.handle' .*: a dead letter of .*x\.example goes to .*dlq.* which .*x\.[*>] stands for too: it would come back to this listener, to fail once more\. Give the .*`queuePrefix: 'DLQ\.'`/,
    );
  });

  it.each<[string, DeadLetterStrategy]>([
    ['x', new IndividualDeadLetterStrategy({ queuePrefix: 'x.dlq.' })],
    ['x.*', new IndividualDeadLetterStrategy({ queuePrefix: 'x.dlq.' })],
    ['x.>', new IndividualDeadLetterStrategy({ queuePrefix: 'DLQ.x.' })],
    ['>', new IndividualDeadLetterStrategy()],
    ['>', new IndividualDeadLetterStrategy({ queuePrefix: 'DLQ.' })],
    ['x.dlq.>', new IndividualDeadLetterStrategy({ queuePrefix: 'x.dlq.' })],
    ['x,x.dlq', new IndividualDeadLetterStrategy({ queuePrefix: '', queueSuffix: '.dlq' })],
    ['topic://x.>', new IndividualDeadLetterStrategy({ topicPrefix: 'x.dlq.' })],
    ['dead', new SharedDeadLetterStrategy({ deadLetterQueue: 'dead' })],
    ['x.>', new SharedDeadLetterStrategy({ deadLetterQueue: 'x.dead' })],
    ['x.>', new DiscardingDeadLetterStrategy()],
  ])('lets %s have %o: its dead letters end somewhere', (destination, deadLetter) => {
    expect(() => endpoint({ destination, deadLetter })).not.toThrow();
  });

  it('takes bare names for topics where the module says so', () => {
    expect(endpoint({}, { pubSubDomain: true }).destinations.map(formatDestination)).toEqual(['topic://orders']);
  });

  it.each<[Partial<JmsListenerOptions> | Record<string, unknown>, RegExp]>([
    [{ batch: { size: 0 } }, /`batch` of Listener 'Orders.handle'.*`size` is 0/],
    [{ batch: { size: 5, timeOut: 1 } }, /unknown option `timeOut`. Did you mean `timeout`/],
    [{ batch: { size: 5 }, ackMode: 'manual' }, /a batch listener has `ackMode: 'auto'`, not 'manual'/],
    [{ batch: { size: 5 }, ackMode: 'transacted' }, /a batch listener has `ackMode: 'auto'`, not 'transacted'/],
    [{ batch: { size: 5 }, sendTo: 'x' }, /what a batch listener returns is no reply/],
    [{ sendTo: '' }, /Listener 'Orders.handle' .*@SendTo: `sendTo` must be a text/],
    [{ sendTo: '/nowhere' }, /@SendTo.*unknown prefix/],
    [{ sendTo: 'answers.>' }, /@SendTo is queue:\/\/answers\.>, a pattern/],
    [{ sendTo: '${nobody}' }, /placeholder \$\{nobody\} has no value/],
    [{ replyQosSettings: { priority: 10 } }, /`replyQosSettings` of Listener 'Orders.handle'.*`priority` is 10/],
    [{ replyQosSettings: { ttl: 10 } }, /unknown option `ttl`\. Did you mean `timeToLive`\?/],
    [{ errorReplies: 'yes' }, /`errorReplies` must be true or false/],
    [{ messageConverter: {} }, /`messageConverter` has no method toMessage/],
    [{ destination: '' }, /`destination` must be a text/],
    [{ destination: undefined }, /`destination` must be a text/],
    [{ destination: '/orders' }, /unknown prefix/],
    [{ destination: '${nothing}' }, /placeholder \$\{nothing\} has no value/],
    [{ selector: ' ' }, /`selector` must be a text/],
    [{ concurrency: 0 }, /`concurrency` is 0; it must be a number from 1/],
    [{ concurrency: 1.5 }, /`concurrency` is 1\.5/],
    [{ concurrency: '10-3' }, /`concurrency` is "10-3"; write a number, or "lower-upper"/],
    [{ concurrency: '0-3' }, /`concurrency` is "0-3"; write a number, or "lower-upper" as in "3-10"/],
    [{ concurrency: 'many' }, /`concurrency` is "many"/],
    [{ concurrency: '0' }, /`concurrency` is 0/],
    [{ concurrency: true }, /`concurrency` must be a text/],
    [{ prefetch: 0 }, /`prefetch` is 0/],
    [{ prefetch: 40_000 }, /`prefetch` is 40000/],
    [{ prefetch: 2, concurrency: 3 }, /`prefetch` 2 is below `concurrency` 3/],
    [{ ackMode: 'client' }, /`ackMode` is "client"; it must be one of auto, manual/],
    [{ autoStartup: 'no' }, /`autoStartup` must be true or false/],
    [{ exclusive: 1 }, /`exclusive` must be true or false/],
    [{ priority: 128 }, /`priority` is 128/],
    [{ subscription: 's' }, /durable `subscription` needs topics/],
    [{ subscription: 's', destination: 'topic://a,queue://b' }, /durable `subscription` needs topics/],
    [{ subscription: 's', destination: 'topic://a' }, /durable `subscription` needs `clientId`/],
    [{ redelivery: { retries: 3 } }, /unknown option `retries`/],
    [{ redelivery: 'always' }, /the options are "always"/],
    [{ transactional: true }, /unknown option `transactional`/],
    [{ redeliveryPolicy: {} }, /unknown option `redeliveryPolicy`\. Did you mean `redelivery`\?/],
    [{ durable: true }, /unknown option `durable`\. Did you mean `subscription`\?/],
    [{ containerFactory: 'x' }, /unknown option `containerFactory`\. Write `connection`, .* `listener` of ActiveMqModule\.forRoot\(\)\./],
  ])('refuses %o, naming the listener', (options, why) => {
    expect(() => endpoint(options as never)).toThrow(ConfigurationError);
    expect(() => endpoint(options as never)).toThrow(why);
    expect(() => endpoint(options as never)).toThrow(/Listener 'Orders\.handle'/);
  });

  it.each([[''], [5], [null]])('refuses the id %j, naming the method', (id) => {
    expect(() => endpoint({ id: id as never })).toThrow('@JmsListener on Orders.handle: `id` must be a text that is not empty');
  });

  it.each([
    [{ id: 'x' }, /`id` cannot be overridden/],
    [{ connection: 'x' }, /`connection` cannot be overridden/],
    [{ concurency: 2 }, /unknown option `concurency`/],
    [null, /write an object/],
  ])('refuses the override %o', (override, why) => {
    const overrides = { 'Orders.handle': override } as never;
    expect(() => endpoint({}, { overrides })).toThrow(why);
    expect(() => endpoint({}, { overrides })).toThrow(/^`listeners` of listener 'Orders\.handle'/);
  });

  it('takes no inherited member of the overrides for one', () => {
    expect(endpoint({ id: 'constructor' }).id).toBe('constructor');
    expect(endpoint({ id: '__proto__' }).id).toBe('__proto__');
  });

  it('refuses parameters that nothing fills, and acknowledgments where nobody waits for them', () => {
    expect(() => endpoint({}, {}, 'unfilled')).toThrow(
      /'Orders\.unfilled'.*nothing fills parameter 2 of the method \(the first is 1\); decorate it with @Payload/,
    );
    expect(() => endpoint({}, {}, 'manual')).toThrow(/acknowledgment parameter needs `ackMode: 'manual'`/);
    expect(endpoint({ ackMode: 'manual' }, {}, 'manual').ackMode).toBe('manual');
  });
});

describe('what is made of an endpoint', () => {
  it('SUBSCRIBE headers: nothing that the broker need not hear', () => {
    const plain = Object.fromEntries(
      Object.entries(subscribeHeaders(endpoint({}), 'client-individual')).filter(([, value]) => value !== undefined),
    );
    expect(plain).toEqual({ destination: '/queue/orders', ack: 'client-individual' });
    const options = { destination: 'topic://a,topic://b', selector: 'x = 1', subscription: 's', exclusive: true, priority: 7, prefetch: 3 };
    expect(subscribeHeaders(endpoint(options, { clientId: 'c' }), 'client-individual')).toEqual({
      destination: '/topic/a,/topic/b',
      ack: 'client-individual',
      selector: 'x = 1',
      'activemq.subscriptionName': 's',
      'activemq.exclusive': 'true',
      'activemq.priority': '7',
    });
  });

  it('one line at start-up', () => {
    expect(describeEndpoint(endpoint({}))).toBe(
      "Listener 'Orders.handle': queue://orders, concurrency 1, prefetch 10, ack auto, redelivery 6 x from 1000 ms, dead letters to queue://ActiveMQ.DLQ",
    );
    const options = { id: 'eu', selector: 'x = 1', autoStartup: false, redelivery: { maximumRedeliveries: -1 } };
    expect(describeEndpoint(endpoint(options))).toBe(
      "Listener 'eu' (Orders.handle): queue://orders, selector x = 1, concurrency 1, prefetch 10, ack auto, redelivery without end from 1000 ms, dead letters to queue://ActiveMQ.DLQ, not started",
    );
    const deadLetter = new IndividualDeadLetterStrategy({ queuePrefix: 'MY.' });
    const dead = { destination: 'MY.orders', deadLetter };
    expect(describeEndpoint(endpoint(dead))).toMatch(/, dead letters stay there$/);
    expect(describeEndpoint(endpoint({ deadLetter }))).toMatch(/, dead letters to queue:\/\/MY\.orders$/);
    expect(describeEndpoint(endpoint({ ...dead, deadLetter: new BrokerDeadLetterStrategy() }))).toMatch(
      /, dead letters by the broker's policy$/,
    );
  });
});
