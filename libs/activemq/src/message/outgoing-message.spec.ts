import { afterEach, describe, expect, it, vi } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { DefaultMessageConverter } from './default-message-converter.js';
import { createOutgoingMessage, type SendOptions } from './outgoing-message.js';

const context = { converter: new DefaultMessageConverter(), pubSubDomain: false };
const message = (options: SendOptions = {}, payload: unknown = 'hello') => createOutgoingMessage('orders', payload, options, context);
const headersOf = (options: SendOptions = {}, payload: unknown = 'hello') => message(options, payload).headers;

afterEach(() => vi.useRealTimers());

describe('createOutgoingMessage', () => {
  it('is persistent, has a key of its own and says what it carries, and nothing else', () => {
    const { headers, idempotencyKey, body } = message();
    expect({ ...headers }).toEqual({
      destination: '/queue/orders',
      persistent: 'true',
      idempotencyKey,
      'content-type': 'text/plain',
      'amq-msg-type': 'text',
    });
    expect(idempotencyKey).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(body.toString()).toBe('hello');
    expect(message().idempotencyKey).not.toBe(idempotencyKey);
  });

  it('does not send the memory of its caller, whatever the converter does', () => {
    const payload = Buffer.from('aaa');
    const converter = { toMessage: (given: unknown) => ({ body: given as Buffer, isText: false }), fromMessage: () => undefined };
    const { body } = createOutgoingMessage('orders', payload, {}, { ...context, converter });
    payload.fill('b');
    expect(body.toString()).toBe('aaa');
  });

  it('writes every QoS option under the name the broker reads', () => {
    vi.useFakeTimers({ now: 1_000_000 });
    const headers = headersOf({
      persistent: false,
      priority: 9,
      timeToLive: 5_000,
      correlationId: 'c-1',
      replyTo: 'topic://answers',
      type: 'Order',
      groupId: 'g-1',
      idempotencyKey: 'k-1',
    });
    expect({ ...headers }).toMatchObject({
      persistent: 'false',
      priority: '9',
      expires: '1005000',
      'correlation-id': 'c-1',
      'reply-to': '/topic/answers',
      type: 'Order',
      JMSXGroupID: 'g-1',
      groupId: 'g-1',
      idempotencyKey: 'k-1',
    });
  });

  it('takes 0 for a value of its own: the lowest priority, and no expiry', () => {
    const headers = headersOf({ priority: 0, timeToLive: 0 });
    expect(headers['priority']).toBe('0');
    expect('expires' in headers).toBe(false);
  });

  it('answers at the address of another connection by its broker name', () => {
    expect(headersOf({ replyTo: '/remote-temp-queue/ID:vm-7' })['reply-to']).toBe('/remote-temp-queue/ID:vm-7');
  });

  it('takes strings, numbers and booleans as headers', () => {
    const headers = headersOf({ headers: { currency: 'EUR', amount: 7.5, urgent: true, nothing: undefined as never } });
    expect([headers['currency'], headers['amount'], headers['urgent'], 'nothing' in headers]).toEqual(['EUR', '7.5', 'true', false]);
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('carries a header named %s like any other', (name) => {
    const given = JSON.parse(`{"${name}":"x"}`) as Record<string, string>;
    const headers = headersOf({ headers: given });
    expect(Object.getPrototypeOf(headers)).toBeNull();
    expect(Object.keys(headers)).toContain(name);
    expect(headers[name]).toBe('x');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it.each([[{ a: null }], [{ a: {} }], [{ a: ['x'] }], [{ a: Symbol('x') }], [{ a: () => 'x' }], [{ a: 1n }], [{ a: new Date(0) }]])(
    'refuses a header that is no string, number or boolean: %o',
    (headers) => {
      expect(() => headersOf({ headers: headers as never })).toThrow(
        /header 'a' is of type .*; a header is a string, a number or a boolean/,
      );
    },
  );

  it.each([
    ['persistent', '`persistent`'],
    ['priority', '`priority`'],
    ['expires', '`timeToLive`'],
    ['correlation-id', '`correlationId`'],
    ['reply-to', '`replyTo`'],
    ['type', '`type`'],
    ['JMSXGroupID', '`groupId`'],
    ['groupId', '`groupId`'],
    ['idempotencyKey', '`idempotencyKey`'],
    ['JMSExpiration', '`timeToLive`'],
    ['JMSDeliveryMode', '`persistent`'],
    ['JMSReplyTo', '`replyTo`'],
    ['JMSPriority', '`priority`'],
    ['JMSType', '`type`'],
    ['JMSCorrelationID', '`correlationId`'],
  ])('sends the header %s to its option', (name, option) => {
    expect(() => headersOf({ headers: { [name]: 'x' } })).toThrow(
      `The header '${name}' cannot be set in \`headers\`: use the option ${option}`,
    );
  });

  it.each([
    'destination',
    'receipt',
    'transaction',
    'content-length',
    'message-id',
    'ack',
    'id',
    'scheduledJobId',
    'amq-msg-type',
    'transformation',
    'JMSMessageID',
    'JMSDestination',
    'JMSRedelivered',
    'JMSXDeliveryCount',
    'originalDeliveryMode',
    'dlqDeliveryFailureCause',
    'redeliveryDelay',
  ])('keeps the header %s to the protocol', (name) => {
    expect(() => headersOf({ headers: { [name]: 'x' } })).toThrow(/belongs to the protocol or to the broker/);
  });

  it.each([
    'sendBackRun',
    'applicationCorrelationId',
    'deliveryCount',
    'firstFailedAt',
    'lastFailedAt',
    'originalMessageId',
    'originalDestination',
    'deadLetterReason',
    'deadLetterErrorClass',
    'deadLetterErrorMessage',
    'listenerId',
    'application',
    'deferrals',
  ])('keeps the header %s to this package, which would overwrite it, or leave it out of a copy', (name) => {
    expect(() => headersOf({ headers: { [name]: 'x' } })).toThrow(
      `The header '${name}' cannot be set in \`headers\`: this package writes it itself; give yours another name`,
    );
  });

  it.each(['yesterday', '', '1.5', -1])('refuses the timestamp %j, over which the broker would drop the connection', (timestamp) => {
    expect(() => headersOf({ headers: { timestamp } })).toThrow(ConfigurationError);
    expect(() => headersOf({ headers: { timestamp } })).toThrow(
      /The header 'timestamp' is .*; it must be the ms since 1970, a whole number/,
    );
  });

  it('takes the time of the sender, under the name that STOMP has for it', () => {
    expect(headersOf({ headers: { timestamp: 1_700_000_000_000 } })['timestamp']).toBe('1700000000000');
    expect(() => headersOf({ headers: { JMSTimestamp: 5 } })).toThrow('use the header `timestamp`');
  });

  it('lets the sender say what the body is', () => {
    expect(headersOf({ headers: { 'content-type': 'text/csv' } }, 'a;b')['content-type']).toBe('text/csv');
    expect(headersOf({ headers: { 'content-type': 'application/json' } }, '{"a":1}')['content-type']).toBe('application/json');
  });

  it.each([
    ['AMQ_SCHEDULED_DELAY', 'abc'],
    ['AMQ_SCHEDULED_DELAY', -5],
    ['AMQ_SCHEDULED_PERIOD', '1.5'],
    ['AMQ_SCHEDULED_REPEAT', ''],
    ['AMQ_SCHEDULED_CRON', 'every day'],
  ])('refuses %s %j, over which the broker would drop the connection', (name, value) => {
    expect(() => headersOf({ headers: { [name]: value } })).toThrow(ConfigurationError);
    expect(() => headersOf({ headers: { [name]: value } })).toThrow(name);
  });

  it('lets good scheduler headers pass', () => {
    const headers = headersOf({ headers: { AMQ_SCHEDULED_DELAY: 1_000, AMQ_SCHEDULED_CRON: '*/5 0-6 1,15 * 1-5' } });
    expect(headers['AMQ_SCHEDULED_DELAY']).toBe('1000');
  });

  it.each(['orders.*', 'a,orders.>', 'topic://x.>', '>'])(
    'refuses to send to %s, or to have it answered there: a pattern is read from',
    (pattern) => {
      const text = /is (?:queue|topic):\/\/.*, a pattern: .*; name the destinations, separated by commas/;
      expect(() => createOutgoingMessage(pattern, 'x', {}, context)).toThrow(ConfigurationError);
      expect(() => createOutgoingMessage(pattern, 'x', {}, context)).toThrow(text);
      expect(() => message({ replyTo: pattern })).toThrow(/^The options of a send: `replyTo` is /);
    },
  );

  it.each(['orders*', 'a>b', 'ActiveMQ.Statistics.Destination.>'])(
    'sends to %s, which is a name, or a question of the statistics plugin',
    (name) => {
      expect(createOutgoingMessage(name, 'x', {}, context).headers['destination']).toBe(`/queue/${name}`);
    },
  );
});
