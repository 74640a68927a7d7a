import { describe, expect, it } from 'vitest';
import { parseQueues, type QueueStatistics } from './queue-statistics.js';
import { findStuck, stuckText } from './stuck-queues.js';

const queue = (name: string, size: number, inFlight: number, consumers: number): QueueStatistics => ({ name, size, inFlight, consumers });

describe('findStuck', () => {
  it('finds what nobody takes: without a consumer, or with a bridge that may not send it back', () => {
    const stuck = findStuck(
      new Map([
        ['broker1', [queue('orders', 0, 0, 1), queue('mail', 2, 0, 0), queue('busy', 9, 3, 1)]],
        ['broker2', [queue('orders', 5, 0, 1)]],
      ]),
    );
    expect(stuck).toEqual([
      { broker: 'broker1', queue: 'mail', messages: 2, consumersAt: [] },
      { broker: 'broker2', queue: 'orders', messages: 5, consumersAt: ['broker1', 'broker2'] },
    ]);
    expect(stuck.map(stuckText)).toEqual([
      '2 messages of queue mail at broker1, which nobody takes: no broker has a consumer for it',
      expect.stringMatching(/^5 messages of queue orders at broker2, .* consumers at broker1, broker2: .*replayWhenNoConsumers/),
    ]);
  });

  it('leaves dead letters in peace', () => {
    const names = ['ActiveMQ.DLQ', 'DLQ.orders', 'orders.dlq'];
    expect(findStuck(new Map([['broker1', names.map((name) => queue(name, 1, 0, 0))]]))).toEqual([]);
  });
});

describe('parseQueues', () => {
  const frame = (entries: readonly unknown[]): string =>
    `MESSAGE\ndestination:/temp-queue/x\n\n${JSON.stringify({ map: { entry: entries } })}\0\n`;

  it('reads what the statistics plugin answers', () => {
    const answer = [
      'CONNECTED\nversion:1.2\n\n\0\n',
      frame([
        { string: 'size', long: 3 },
        { string: ['destinationName', 'queue://orders.new'] },
        { string: 'consumerCount', long: 2 },
        { string: 'inflightCount', long: 1 },
        { string: 'averageEnqueueTime', double: 0.5 },
      ]),
      frame([{ string: ['destinationName', 'topic://ActiveMQ.Advisory.Queue'] }]),
      'MESSAGE\ndestination:/temp-queue/x\n\n{"map":""}\0\n',
    ].join('');
    expect(parseQueues(answer)).toEqual([queue('orders.new', 3, 1, 2)]);
  });
});
