import { describe, expect, it } from 'vitest';

import { stompHeaders } from '../stomp/frame.js';
import { JmsMessage } from './jms-message.js';
import { copyHeaders, isCopyable } from './message-copy.js';

function received(headers: Readonly<Record<string, string>>, body = 'x'): JmsMessage {
  const all = stompHeaders({ 'message-id': 'ID:1', destination: '/queue/orders', subscription: 's1', ack: 'a1', ...headers });
  return new JmsMessage({ command: 'MESSAGE', headers: all, body: Buffer.from(body) }, { convert: () => undefined });
}

describe('copyHeaders', () => {
  it('keeps what the sender said and drops what the journey left', () => {
    const journey = {
      timestamp: '1',
      expires: '2',
      redelivered: 'true',
      scheduledJobId: 'j',
      AMQ_SCHEDULED_DELAY: '5',
      'content-length': '1',
    };
    const said = { persistent: 'true', priority: '7', type: 'Order', 'correlation-id': 'c', 'reply-to': '/queue/r', traceparent: '00-1' };
    expect({ ...copyHeaders(received({ ...journey, ...said, idempotencyKey: 'k' }), '/queue/x') }).toEqual({
      ...said,
      idempotencyKey: 'k',
      'amq-msg-type': 'bytes',
      destination: '/queue/x',
    });
  });

  it('keeps the group, which the broker shows under our header alone', () => {
    expect(copyHeaders(received({ groupId: 'g' }), '/queue/x')).toMatchObject({ groupId: 'g', JMSXGroupID: 'g' });
  });

  it('keeps a text a text and bytes bytes', () => {
    expect(copyHeaders(received({}), '/queue/x')['amq-msg-type']).toBe('text');
    expect(copyHeaders(received({ 'content-length': '1' }), '/queue/x')['amq-msg-type']).toBe('bytes');
    expect(copyHeaders(received({ 'content-length': '1', 'amq-msg-type': 'text' }), '/queue/x')['amq-msg-type']).toBe('text');
  });

  it('takes hostile names for names, and its own headers win', () => {
    const copy = copyHeaders(received({ ['__proto__']: 'p', hasOwnProperty: 'h', mine: 'old' }), '/queue/x', {
      mine: 'new',
      none: undefined,
    });
    expect(Object.entries(copy)).toEqual(
      expect.arrayContaining([
        ['__proto__', 'p'],
        ['hasOwnProperty', 'h'],
        ['mine', 'new'],
      ]),
    );
    expect(Object.keys(copy)).not.toContain('none');
  });
});

describe('isCopyable', () => {
  it('is false only for what STOMP shows without a body although it may have one', () => {
    expect(isCopyable(received({}, ''))).toBe(false);
    expect(isCopyable(received({}, 'x'))).toBe(true);
    expect(isCopyable(received({ 'content-length': '0' }, ''))).toBe(true);
    expect(isCopyable(received({ 'amq-msg-type': 'text' }, ''))).toBe(true);
  });
});
