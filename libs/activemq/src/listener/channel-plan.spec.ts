import { describe, expect, it } from 'vitest';

import { SharedDeadLetterStrategy } from '../delivery/dead-letter/shared-dead-letter-strategy.js';
import { redeliveryPolicyLookup } from '../delivery/redelivery-policy-map.js';
import { parseDestinations } from '../message/destination.js';
import { channelPlan } from './channel-plan.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

function plan(more: Partial<JmsListenerEndpoint>, destination = 'orders', deadLetterQueue?: string) {
  const strategy = new SharedDeadLetterStrategy({ deadLetterQueue });
  const endpoint: JmsListenerEndpoint = {
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
  return channelPlan(endpoint);
}
const acks = (...parameters: Parameters<typeof plan>) => plan(...parameters).map(({ ack }) => ack);

describe('channelPlan', () => {
  it('has one subscription for all slots', () => {
    expect(plan({ concurrency: 3, prefetch: 30 })).toEqual([{ ack: 'client-individual', concurrency: 3, prefetch: 30 }]);
  });

  it('has one for each slot of a transacted listener, which share the prefetch', () => {
    const slot = { ack: 'client', concurrency: 1, prefetch: 10 };
    expect(plan({ ackMode: 'transacted', concurrency: 3, prefetch: 30 })).toEqual([slot, slot, slot]);
  });

  it('acknowledges cumulatively where a transacted slot settles in order, so that the broker forgets what it acknowledged', () => {
    expect(acks({ ackMode: 'transacted' })).toEqual(['client']);
  });

  it.each(['auto', 'manual'] as const)("acknowledges one by one in '%s' mode: a slot more may join at any time", (ackMode) => {
    expect(acks({ ackMode })).toEqual(['client-individual']);
  });

  it.each([
    ['on a pattern', 'orders.>'],
    ['on a dead letter queue', 'ActiveMQ.DLQ'],
    ['on what its own dead letters go to', 'graveyard', 'graveyard'],
  ] as const)('acknowledges one by one %s', (_why, destination, deadLetterQueue = undefined as string | undefined) => {
    expect(acks({ ackMode: 'transacted' }, destination, deadLetterQueue)).toEqual(['client-individual']);
  });
});
