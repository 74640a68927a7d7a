import { describe, expect, it } from 'vitest';

import { SharedDeadLetterStrategy } from '../delivery/dead-letter/shared-dead-letter-strategy.js';
import { redeliveryPolicyLookup } from '../delivery/redelivery-policy-map.js';
import { parseDestinations } from '../message/destination.js';
import { channelPlan } from './channel-plan.js';
import { subscribedTogether } from './subscribe-headers.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

function endpointOf(more: Partial<JmsListenerEndpoint>, destination = 'orders', deadLetterQueue?: string): JmsListenerEndpoint {
  const strategy = new SharedDeadLetterStrategy({ deadLetterQueue });
  return {
    id: 'orders',
    methodName: 'Orders.handle',
    connection: 'default',
    destinations: parseDestinations(destination),
    concurrency: 1,
    prefetch: 10,
    ackMode: 'auto',
    exclusive: false,
    priority: 0,
    autoStartup: true,
    takesPayloads: true,
    replyQosSettings: {},
    errorReplies: false,
    redelivery: redeliveryPolicyLookup('test', {}),
    deadLetter: () => strategy,
    ...more,
  };
}
const plan = (...parameters: Parameters<typeof endpointOf>) => channelPlan(endpointOf(...parameters));
const acks = (...parameters: Parameters<typeof plan>) => plan(...parameters).map(({ ack }) => ack);

describe('subscribedTogether', () => {
  const subscriptions = (destination: string, more: Partial<JmsListenerEndpoint> = {}) =>
    subscribedTogether(endpointOf(more, destination)).map((destinations) => destinations.map(({ physicalName }) => physicalName));

  it('gives each destination a subscription, once', () => {
    expect(subscriptions('a,b,a')).toEqual([['a'], ['b']]);
    expect(subscriptions('topic://a,topic://b')).toEqual([['a'], ['b']]);
  });

  it('leaves the topics of a durable subscription together: it has one name', () => {
    expect(subscriptions('topic://a,topic://b', { subscription: 's' })).toEqual([['a', 'b']]);
  });
});

describe('channelPlan', () => {
  it('settles in the order of delivery on each of several queues', () => {
    expect(acks({ ackMode: 'transacted' }, 'a,b')).toEqual(['client']);
  });

  it('has one subscription for all slots', () => {
    expect(plan({ concurrency: 3, prefetch: 30 })).toEqual([{ ack: 'client-individual', concurrency: 3, prefetch: 30 }]);
  });

  it('has one for each slot of a transacted listener, which share the prefetch', () => {
    const slot = { ack: 'client', concurrency: 1, prefetch: 10 };
    expect(plan({ ackMode: 'transacted', concurrency: 3, prefetch: 30 })).toEqual([slot, slot, slot]);
  });

  it.each([1, 2])('acknowledges one by one where more slots may come to share the subscription, also with %i', (concurrency) => {
    expect(acks({ concurrency })).toEqual(['client-individual']);
    expect(acks({ concurrency, ackMode: 'manual' })).toEqual(['client-individual']);
  });

  it.each([
    ['when a message may wait outside of the slot', { redelivery: redeliveryPolicyLookup('test', { nonBlockingRedelivery: true }) }],
    ['when messages come in batches', { batch: { size: 2, timeout: 1 } }],
  ] as const)('acknowledges one by one in transacted mode %s', (_why, more) => {
    expect(acks({ ackMode: 'transacted', ...more })).toEqual(['client-individual']);
  });

  it.each([
    ['on a pattern', 'orders.>'],
    ['on a dead letter queue', 'ActiveMQ.DLQ'],
    ['on what its own dead letters go to', 'graveyard', 'graveyard'],
  ] as const)('does so, too, %s', (_why, destination, deadLetterQueue = undefined as string | undefined) => {
    expect(acks({ ackMode: 'transacted' }, destination, deadLetterQueue)).toEqual(['client-individual']);
  });
});
