import { describe, expect, it, vi } from 'vitest';

import { stompHeaders } from '../stomp/frame.js';
import { JmsMessage } from './jms-message.js';

function messageOf(headers: Record<string, string>, convert: (message: JmsMessage) => unknown = () => undefined, body = '') {
  return new JmsMessage({ command: 'MESSAGE', headers: stompHeaders(headers), body: Buffer.from(body) }, { convert });
}

describe('JmsMessage', () => {
  it('reads what the broker sent', () => {
    const message = messageOf({
      'message-id': 'ID:vm-1',
      destination: '/queue/orders',
      'correlation-id': 'c',
      'reply-to': '/remote-temp-queue/ID:9',
      type: 'Order',
      priority: '9',
      timestamp: '1700000000000',
      expires: '1700000005000',
      idempotencyKey: 'k',
      redelivered: 'true',
    });
    const { messageId, destination, correlationId, replyTo, type, priority, timestamp, expiration, idempotencyKey, redelivered } = message;
    expect({ messageId, destination, correlationId, replyTo, type, priority, timestamp, expiration, idempotencyKey, redelivered }).toEqual({
      messageId: 'ID:vm-1',
      destination: 'queue://orders',
      correlationId: 'c',
      replyTo: '/remote-temp-queue/ID:9',
      type: 'Order',
      priority: 9,
      timestamp: 1_700_000_000_000,
      expiration: 1_700_000_005_000,
      idempotencyKey: 'k',
      redelivered: true,
    });
  });

  it('has JMS defaults for what is not there', () => {
    const message = messageOf({});
    expect([message.messageId, message.destination, message.priority, message.expiration]).toEqual(['', '', 4, 0]);
    expect([message.timestamp, message.correlationId, message.replyTo, message.type, message.idempotencyKey]).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
    expect([message.redelivered, message.deliveryCount, message.isText]).toEqual([false, 1, true]);
  });

  it.each(['abc', '-1', '1e3', ' 7', '', '9'.repeat(400), 'NaN', '0x10'])('takes the hostile number %j for none', (value) => {
    const message = messageOf({ priority: value, timestamp: value, expires: value });
    expect([message.priority, message.timestamp, message.expiration]).toEqual([4, undefined, 0]);
  });

  it.each([
    ['/topic/prices', 'topic://prices'],
    ['/temp-queue/a', 'temp-queue://a'],
    ['/remote-temp-queue/ID:1', 'temp-queue://ID:1'],
    ['/queue/a/b', 'queue://a/b'],
    ['nonsense', 'nonsense'],
  ])('shows the destination %s as %s', (header, expected) => {
    expect(messageOf({ destination: header }).destination).toBe(expected);
  });

  it('does not take headers named like members of Object for anything else', () => {
    const message = messageOf(JSON.parse('{"__proto__":"a","hasOwnProperty":"b","constructor":"c"}') as Record<string, string>);
    expect(Object.getPrototypeOf(message.headers)).toBeNull();
    expect([message.headers['__proto__'], message.headers['hasOwnProperty'], message.headers['constructor']]).toEqual(['a', 'b', 'c']);
    expect(messageOf({}).headers['toString']).toBeUndefined();
  });

  it('is redelivered from the second attempt on, whatever the broker says', () => {
    const message = messageOf({ redelivered: 'false' });
    message.deliveryCount = 2;
    expect(message.redelivered).toBe(true);
  });

  it('converts its payload once, when it is asked for', () => {
    const convert = vi.fn(() => undefined);
    const message = messageOf({}, convert);
    expect(convert).not.toHaveBeenCalled();
    expect([message.payload, message.payload]).toEqual([undefined, undefined]);
    expect(convert).toHaveBeenCalledExactlyOnceWith(message);
  });

  it('tries again to convert what could not be converted', () => {
    const convert = vi.fn(() => {
      throw new Error('no');
    });
    const message = messageOf({}, convert);
    expect(() => message.payload).toThrow('no');
    expect(() => message.payload).toThrow('no');
    expect(convert).toHaveBeenCalledTimes(2);
  });

  describe('stays what was received', () => {
    it('when somebody writes to its headers', () => {
      const { headers } = messageOf({ a: '1' });
      expect(Reflect.set(headers, 'x', 'y')).toBe(false);
      expect(Reflect.deleteProperty(headers, 'a')).toBe(false);
      expect({ ...headers }).toEqual({ a: '1' });
    });

    it('when somebody writes to its body, of which there is one copy for all who ask, and another for the next attempt', () => {
      const message = messageOf({}, ({ body }) => body, 'abc');
      const { body } = message;
      expect([message.body, message.payload]).toEqual([body, body]);
      expect(message.body).toBe(body);
      body.fill('0');
      expect([message.text(), message.receivedBody.toString()]).toEqual(['abc', 'abc']);
      message.deliveryCount = 2;
      expect([String(message.body), String(message.payload)]).toEqual(['abc', 'abc']);
    });
  });

  it('is text by its type header, else when it has no length', () => {
    expect(messageOf({ 'content-length': '3' }).isText).toBe(false);
    expect(messageOf({ 'content-length': '3', 'amq-msg-type': 'text' }).isText).toBe(true);
    expect(messageOf({ 'amq-msg-type': 'bytes' }).isText).toBe(false);
    expect(messageOf({}, undefined, 'größe').text()).toBe('größe');
  });
});
