import { describe, expect, it } from 'vitest';

import { stompHeaders } from '../stomp/frame.js';
import { originalDestinationOf } from './read-dead-letter.js';

const original = (headers: Record<string, string>) => originalDestinationOf(stompHeaders(headers));

describe('where a dead letter came from', () => {
  it('is what the listener noted on its copy, which the broker has not moved', () => {
    expect(original({ originalDestination: 'queue://orders' })).toBe('queue://orders');
  });

  it('is what the broker noted when it moved the message itself, whatever a producer has written', () => {
    expect(original({ originalDestination: 'queue://admin', 'original-destination': '/queue/orders' })).toBe('queue://orders');
    expect(original({ originalDestination: 'queue://admin', 'original-destination': '/topic/prices' })).toBe('topic://prices');
  });

  it('is what the listener noted when the broker has moved its dead letter once more', () => {
    for (const moved of ['/queue/DLQ.orders', '/queue/ActiveMQ.DLQ', '/queue/ActiveMQ.DLQ.Queue.orders']) {
      expect(original({ originalDestination: 'queue://orders', 'original-destination': moved })).toBe('queue://orders');
    }
  });

  it('is the dead letter queue that it was moved from when nothing tells more', () => {
    expect(original({ 'original-destination': '/queue/DLQ.orders' })).toBe('queue://DLQ.orders');
    expect(original({ originalDestination: '', 'original-destination': '/queue/DLQ.orders' })).toBe('queue://DLQ.orders');
  });

  it('is unknown when nothing tells', () => {
    expect(original({})).toBeUndefined();
    expect(original({ originalDestination: '', 'original-destination': '' })).toBeUndefined();
  });
});
