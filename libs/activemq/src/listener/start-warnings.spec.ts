import { describe, expect, it } from 'vitest';

import { BrokerDeadLetterStrategy } from '../delivery/dead-letter/broker-dead-letter-strategy.js';
import { SharedDeadLetterStrategy } from '../delivery/dead-letter/shared-dead-letter-strategy.js';
import { DEFAULT_REDELIVERY_POLICY } from '../delivery/redelivery-policy.js';
import { parseDestinations } from '../message/destination.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';
import { brokerWarnings, startWarnings } from './start-warnings.js';

const endpoint = (destination: string, more: Partial<JmsListenerEndpoint> = {}) =>
  ({
    id: 'prices',
    destinations: parseDestinations(destination),
    concurrency: 1,
    deadLetter: () => new SharedDeadLetterStrategy(),
    redelivery: () => DEFAULT_REDELIVERY_POLICY,
    ...more,
  }) as JmsListenerEndpoint;
const warningsOf = (...given: Parameters<typeof endpoint>) => startWarnings(endpoint(...given));
const byBroker = { deadLetter: () => new BrokerDeadLetterStrategy() };
const redeliveredByBroker = { redelivery: () => ({ ...DEFAULT_REDELIVERY_POLICY, mode: 'broker' as const }) };

describe('what does not work with the broker that was found', () => {
  it('is a rejection on Artemis', () => {
    const rejecting = endpoint('prices', byBroker);
    expect(brokerWarnings(rejecting, 'ActiveMQ-Artemis/2.40.0 ActiveMQ Artemis Messaging Engine')).toEqual([
      expect.stringContaining("Listener 'prices': Artemis drops what is rejected over STOMP"),
    ]);
    expect([brokerWarnings(rejecting, 'ActiveMQ/5.17.2'), brokerWarnings(endpoint('prices'), 'ActiveMQ-Artemis/2.40.0')]).toEqual([[], []]);
  });
});

describe('startWarnings', () => {
  it.each([
    ['Consumer.A.VirtualTopic.prices', byBroker],
    ['Consumer.A.VirtualTopic.>', redeliveredByBroker],
  ])('of %s: its copies share one id, which ActiveMQ takes for duplicates in the dead letter queue', (destination, more) => {
    expect(warningsOf(destination, more)).toEqual([
      expect.stringMatching(/^Listener 'prices': .*one message id.*NACK.*enableAudit="false"/),
    ]);
  });

  it('of an exclusive listener that asks for more than one message at a time', () => {
    expect(warningsOf('orders', { exclusive: true, concurrency: 5 })).toEqual([expect.stringMatching(/one at a time.*`concurrency: 5`/)]);
    expect(warningsOf('orders', { exclusive: true })).toEqual([]);
  });

  it.each(['orders*', 'eu,topic://prices.#'])('of %s, which is no wildcard to ActiveMQ', (destination) => {
    expect(warningsOf(destination)).toEqual([
      expect.stringMatching(/^Listener 'prices': ActiveMQ takes '(orders\*|#)' in its `destination` for a name.*'orders\.>'$/),
    ]);
  });

  it('of a schema that nobody asks', () => {
    expect(warningsOf('orders', { methodName: 'Orders.handle', hasUnaskedSchema: true })).toEqual([
      expect.stringMatching(/^Listener 'prices': no pipe asks the `schema` of a parameter of Orders\.handle.*StandardSchemaValidationPipe/),
    ]);
  });

  it("of what a topic's subscriptions do not do", () => {
    expect(warningsOf('topic://prices', { exclusive: true })).toEqual([
      expect.stringMatching(
        /^Listener 'prices': `exclusive: true` is for queues: every subscriber of topic:\/\/prices .*`concurrency: 1`$/,
      ),
    ]);
    expect(warningsOf('orders', { exclusive: true })).toEqual([]);
  });

  it.each(['scheduled', 'broker'] as const)("of a redelivery that need not be told that it does not block: mode '%s'", (mode) => {
    const redelivery = { ...DEFAULT_REDELIVERY_POLICY, mode, nonBlockingRedelivery: true };
    expect(warningsOf('a,b', { redelivery: () => redelivery })).toEqual([
      expect.stringMatching(
        new RegExp(`^Listener 'prices': \`nonBlockingRedelivery: true\` is of \`mode: 'local'\`; in '${mode}'.* leave it out$`),
      ),
    ]);
    expect(warningsOf('a', { redelivery: () => ({ ...redelivery, mode: 'local' }) })).toEqual([]);
  });

  it.each([
    ['JMSXGroupID', "read 'groupId'"],
    ['JMSCorrelationID', "read 'correlation-id'$"],
    ['JMSMessageID', "read 'message-id'$"],
    ['JMSExpiration', "read 'expires'$"],
    ['jms_replyTo', "read 'reply-to'$"],
    ['jms_deliveryMode', "read 'persistent', which is 'true' or absent$"],
    ['JMSXDeliveryCount', '@Message.*`deliveryCount`$'],
  ])('of @Header(%s), which no message has over STOMP', (name, cure) => {
    expect(warningsOf('orders', { headerNames: ['region', name] })).toEqual([
      expect.stringMatching(new RegExp(`^Listener 'prices': over STOMP no message has a header ${name}, .*${cure}`)),
    ]);
  });

  it.each(['correlation-id', 'persistent', 'groupId', 'constructor', 'jms_Custom', 'type', 'JMSXUserID'])('not of @Header(%s)', (name) => {
    expect(warningsOf('orders', { headerNames: [name] })).toEqual([]);
  });

  it('of a header that a selector cannot name', () => {
    expect(warningsOf('orders', { selector: "my-region = 'EU'" })).toEqual([
      expect.stringMatching(/^Listener 'prices': .*my-region as my minus region.*such as my_region$/),
    ]);
  });

  it('of a parameter whose type is not known', () => {
    expect(warningsOf('orders', { methodName: 'Orders.handle', isPayloadGuessed: true })).toEqual([
      expect.stringMatching(/^Listener 'prices': .*no types for Orders\.handle.*`emitDecoratorMetadata`.*@Payload\(\) or @Message\(\)$/),
    ]);
  });

  it('of batches that ActiveMQ does not fill', () => {
    expect(warningsOf('orders', { batch: { size: 101, timeout: 1 }, concurrency: 2 })).toEqual([
      expect.stringMatching(/202 messages.*maxPageSize.*200/),
    ]);
    expect(warningsOf('orders', { batch: { size: 100, timeout: 1 }, concurrency: 2 })).toEqual([]);
  });

  it.each([
    'Consumer.A.VirtualTopic.prices',
    'orders',
    'a,b',
    'Consumer.A.VirtualTopic.a,Consumer.B.VirtualTopic.a',
    'topic://VirtualTopic.prices',
  ])('say nothing of %s', (destination) => {
    expect(warningsOf(destination, destination.startsWith('Consumer') ? {} : byBroker)).toEqual([]);
  });
});
