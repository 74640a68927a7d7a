import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { formatDestination, parseDestinations, toStompDestination } from './destination.js';

const read = (text: string, pubSubDomain?: boolean) => parseDestinations(text, pubSubDomain).map(formatDestination).join(' ');

describe('parseDestinations', () => {
  it.each([
    ['orders', 'queue://orders', '/queue/orders'],
    ['queue://orders', 'queue://orders', '/queue/orders'],
    ['topic://prices', 'topic://prices', '/topic/prices'],
    ['temp-queue://answers', 'temp-queue://answers', '/temp-queue/answers'],
    ['temp-topic://answers', 'temp-topic://answers', '/temp-topic/answers'],
    ['/queue/orders', 'queue://orders', '/queue/orders'],
    ['/topic/prices', 'topic://prices', '/topic/prices'],
    ['/temp-queue/a', 'temp-queue://a', '/temp-queue/a'],
    ['/temp-topic/a', 'temp-topic://a', '/temp-topic/a'],
    ['/remote-temp-queue/ID:vm-1', 'temp-queue://ID:vm-1', '/remote-temp-queue/ID:vm-1'],
    ['/remote-temp-topic/ID:vm-1', 'temp-topic://ID:vm-1', '/remote-temp-topic/ID:vm-1'],
    ['orders.>', 'queue://orders.>', '/queue/orders.>'],
    ['Consumer.A.VirtualTopic.prices', 'queue://Consumer.A.VirtualTopic.prices', '/queue/Consumer.A.VirtualTopic.prices'],
    ['a:b', 'queue://a:b', '/queue/a:b'],
    ['queue://topic:a', 'queue://topic:a', '/queue/topic:a'],
    ['topics:a', 'queue://topics:a', '/queue/topics:a'],
    ['größe', 'queue://größe', '/queue/größe'],
    ['a b', 'queue://a b', '/queue/a b'],
  ])('reads %j', (text, jms, stomp) => {
    expect(read(text)).toBe(jms);
    expect(toStompDestination(parseDestinations(text))).toBe(stomp);
  });

  it('takes a bare name for a topic when pubSubDomain is set, and a prefix for what it says', () => {
    expect(read('prices', true)).toBe('topic://prices');
    expect(read('queue://orders', true)).toBe('queue://orders');
  });

  it.each([
    ['a,b', 'queue://a queue://b'],
    ['a,topic://b', 'queue://a topic://b'],
    ['topic://a,b', 'topic://a topic://b'],
    ['topic://a,queue://b,c', 'topic://a queue://b topic://c'],
    ['a,topic://b,c', 'queue://a topic://b queue://c'],
  ])('gives the bare names of the composite %j the type of the first, as ActiveMQ does', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    ['', /empty name/],
    ['queue://', /empty name/],
    ['/queue/', /empty name/],
    ['a,', /empty name/],
    [',a', /empty name/],
    [' orders', /white space/],
    ['orders ', /white space/],
    ['a, b', /white space/],
    ['a\nb', /control characters/],
    ['a\0b', /control characters/],
    ['kafka://orders', /unknown prefix.*queue:\/\//],
    ['/orders', /unknown prefix/],
    ['/exchange/orders', /unknown prefix/],
    ['topic:prices', /would be a queue of that whole name; write "topic:\/\/prices"/],
    ['queue:orders', /write "queue:\/\/orders"/],
    ['topic:/orders', /"topic:\/orders" is written as a URI, .*; write "topic:\/\/orders"$/],
    ['jms:/queue', /write "queue"/],
    ['topic:', /write "topic:\/\/\.\.\."/],
    ['temp-queue:answers', /write "temp-queue:\/\/answers"/],
    ['TOPIC:prices', /write "topic:\/\/prices"/],
    ['jms:queue:orders', /write "queue:\/\/orders"/],
    ['jms:orders', /write "orders"/],
    ['activemq:topic:prices', /write "topic:\/\/prices"/],
    ['a,topic:b', /write "topic:\/\/b"/],
    ['orders?consumer.prefetchSize=1', /OpenWire options.*options of the listener/],
  ])('refuses %j and says why', (text, why) => {
    expect(() => parseDestinations(text)).toThrow(ConfigurationError);
    expect(() => parseDestinations(text)).toThrow(why);
  });

  it.each([undefined, null, 5, {}, ['a']])('refuses what is no text: %j', (value) => {
    expect(() => parseDestinations(value as never)).toThrow(/A destination is a text such as "orders"/);
  });

  it('shows only the beginning of a very long destination in its error', () => {
    const error = (() => {
      try {
        return parseDestinations(`/${'x'.repeat(100_000)}`);
      } catch (thrown) {
        return thrown as Error;
      }
    })();
    expect((error as Error).message.length).toBeLessThan(600);
  });
});
