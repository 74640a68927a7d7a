import { describe, expect, it, vi } from 'vitest';

import { recordingLogger } from '../delivery/delivery.fixture.js';
import { BrokerError, ConfigurationError, SendError } from '../errors/index.js';
import { JmsMessage } from '../message/jms-message.js';
import { JmsResponse } from '../message/jms-response.js';
import type { SendOptions } from '../message/outgoing-message.js';
import { stompHeaders } from '../stomp/frame.js';
import { ReplySender, type ReplySenderSettings } from './reply-sender.js';
import { readSendTo, SendTo } from './send-to.decorator.js';

const TEMPORARY = '/remote-temp-queue/ID:peer-1:1';
const message = (headers: Record<string, string> = {}) =>
  new JmsMessage(
    { command: 'MESSAGE', headers: stompHeaders({ 'message-id': 'ID:7', ...headers }), body: Buffer.alloc(0) },
    { convert: () => undefined },
  );

function bench(settings: Partial<ReplySenderSettings> = {}) {
  const logger = recordingLogger();
  const convertAndSend = vi.fn((_destination: string, _payload: unknown, _options?: SendOptions) => Promise.resolve());
  const replies = new ReplySender({
    listenerId: 'orders',
    template: { convertAndSend },
    outsideTransaction: (work) => work(),
    qos: {},
    errorReplies: false,
    logger,
    ...settings,
  });
  return { replies, logger, convertAndSend };
}

describe('where a result goes', () => {
  const sendTo = 'queue://default';
  it.each([
    ['to reply-to before @SendTo', { 'reply-to': '/queue/answers' }, 1, '/queue/answers'],
    ['to @SendTo without reply-to', {}, 1, 'queue://default'],
    ['where a JmsResponse says, before both', { 'reply-to': '/queue/answers' }, JmsResponse.forQueue(1, 'receipts'), 'queue://receipts'],
    ['to a topic of a JmsResponse', {}, JmsResponse.forTopic(1, 'prices'), 'topic://prices'],
    ['to any destination of a JmsResponse', {}, JmsResponse.forDestination(1, '/queue/a,/topic/b'), '/queue/a,/topic/b'],
    ['as without it when a JmsResponse names none', { 'reply-to': '/queue/answers' }, JmsResponse.of(1), '/queue/answers'],
  ])('%s', async (_, headers, result, destination) => {
    const { replies, convertAndSend } = bench({ sendTo });
    await replies.reply(message(headers), result);
    expect(convertAndSend).toHaveBeenCalledExactlyOnceWith(destination, 1, { correlationId: 'ID:7' });
  });

  it('is what the function in @SendTo makes of message and result', async () => {
    const { replies, convertAndSend, logger } = bench({
      sendTo: ({ headers }, result) => (result === 0 ? undefined : `${headers['region']}.receipts`),
    });
    await replies.reply(message({ region: 'eu' }), 7);
    await replies.reply(message({ region: 'eu' }), 0);
    expect(convertAndSend).toHaveBeenCalledExactlyOnceWith('eu.receipts', 7, { correlationId: 'ID:7' });
    expect(logger.lines).toEqual([]);
    const wrong = bench({ sendTo: () => 7 as unknown as string });
    await expect(wrong.replies.reply(message(), 1)).rejects.toThrow(ConfigurationError);
  });

  it('is a topic when @SendTo says so', async () => {
    const { replies, convertAndSend } = bench({ sendTo: 'topic://prices' });
    await replies.reply(message(), 1);
    expect(convertAndSend).toHaveBeenCalledExactlyOnceWith('topic://prices', 1, { correlationId: 'ID:7' });
  });

  it('is nowhere for undefined; null, 0, false and the empty text are replies', async () => {
    const { replies, convertAndSend } = bench({ sendTo });
    for (const result of [undefined, null, 0, false, '']) await replies.reply(message(), result);
    expect(convertAndSend.mock.calls.map(([, payload]) => payload)).toEqual([null, 0, false, '']);
  });

  it('is said once when it is nowhere', async () => {
    const { replies, convertAndSend, logger } = bench();
    await replies.reply(message(), 1);
    await replies.reply(message(), 2);
    expect(convertAndSend).not.toHaveBeenCalled();
    expect(logger.lines).toEqual([
      expect.stringMatching(/^warn: Listener 'orders': message ID:7: the result is dropped.*no @SendTo; this is said once/),
    ]);
  });
});

describe('how a result is sent', () => {
  it("has the request's correlation id, and the listener's settings", async () => {
    const { replies, convertAndSend } = bench({ qos: { priority: 7, timeToLive: 1_000 } });
    await replies.reply(message({ 'reply-to': '/queue/answers', 'correlation-id': 'c' }), 1);
    expect(convertAndSend).toHaveBeenCalledWith('/queue/answers', 1, { correlationId: 'c', priority: 7, timeToLive: 1_000 });
  });

  it('follows the options of a JmsResponse before them; undefined says nothing', async () => {
    const { replies, convertAndSend } = bench({ qos: { priority: 7, persistent: true } });
    const options = { headers: { region: 'eu' }, priority: undefined, correlationId: 'mine', persistent: false };
    await replies.reply(message({ 'reply-to': '/queue/answers' }), JmsResponse.of(1, options));
    expect(convertAndSend).toHaveBeenCalledWith('/queue/answers', 1, {
      correlationId: 'mine',
      priority: 7,
      persistent: false,
      headers: { region: 'eu' },
    });
  });

  it('is not persistent when it goes to a temporary queue', async () => {
    const { replies, convertAndSend } = bench({ qos: { persistent: true, priority: 7 } });
    await replies.reply(message({ 'reply-to': TEMPORARY }), 1);
    expect(convertAndSend).toHaveBeenCalledWith(TEMPORARY, 1, { correlationId: 'ID:7', priority: 7, persistent: false });
  });
});

describe('a reply that cannot be sent', () => {
  const gone = new SendError('not confirmed', 'not-sent', { cause: new BrokerError('temp-queue://ID:peer-1:1') });

  it('fails the attempt', async () => {
    const { replies, convertAndSend } = bench();
    for (const error of [new SendError('no', 'unknown'), gone]) {
      convertAndSend.mockRejectedValueOnce(error);
      await expect(replies.reply(message({ 'reply-to': '/queue/answers' }), 1)).rejects.toBe(error);
    }
  });

  it('fails nothing when its requester is gone with its temporary queue', async () => {
    const { replies, convertAndSend, logger } = bench();
    convertAndSend.mockRejectedValueOnce(gone);
    await replies.reply(message({ 'reply-to': TEMPORARY }), 1);
    expect(logger.lines).toEqual(["warn: Listener 'orders': message ID:7: its requester is gone, the reply is dropped"]);
    const refused = new SendError('not confirmed', 'not-sent', { cause: new BrokerError('User x is not authorized') });
    convertAndSend.mockRejectedValueOnce(refused);
    await expect(replies.reply(message({ 'reply-to': TEMPORARY }), 1)).rejects.toBe(refused);
  });
});

describe('an error reply', () => {
  const error = new TypeError('no order 7');

  it('tells class and message of the error to whom it may concern, when it is wanted', async () => {
    const { replies, convertAndSend } = bench({ errorReplies: true, sendTo: 'receipts' });
    await replies.replyError(message({ 'reply-to': '/queue/answers', 'correlation-id': 'c' }), error);
    await replies.replyError(message(), error);
    expect(convertAndSend).toHaveBeenCalledExactlyOnceWith('/queue/answers', '', {
      correlationId: 'c',
      headers: { errorClass: 'TypeError', errorMessage: 'no order 7' },
    });
    const silent = bench();
    await silent.replies.replyError(message({ 'reply-to': '/queue/answers' }), error);
    expect(silent.convertAndSend).not.toHaveBeenCalled();
  });

  it('is dropped with a line in the log when it cannot be sent', async () => {
    const { replies, convertAndSend, logger } = bench({ errorReplies: true });
    convertAndSend.mockRejectedValueOnce(new SendError('no broker', 'not-sent'));
    await replies.replyError(message({ 'reply-to': '/queue/answers' }), error);
    expect(logger.lines).toEqual([expect.stringContaining('its error reply could not be sent: SendError: no broker')]);
  });
});

describe('@SendTo', () => {
  @SendTo('of-class')
  class Orders {
    plain(): void {}
    @SendTo('of-method')
    own(): void {}
  }
  class Sub extends Orders {}
  class Bare {
    plain(): void {}
  }

  it('on a method wins over the one on its class; subclasses inherit both', () => {
    for (const { prototype } of [Orders, Sub])
      expect([readSendTo(prototype, 'plain'), readSendTo(prototype, 'own')]).toEqual(['of-class', 'of-method']);
    expect(readSendTo(Bare.prototype, 'plain')).toBeUndefined();
  });
});

describe('JmsResponse', () => {
  it.each(['queue://orders', '/queue/orders', ''])('takes plain names: %j belongs into forDestination()', (name) => {
    expect(() => JmsResponse.forQueue(1, name)).toThrow(ConfigurationError);
    expect(() => JmsResponse.forTopic(1, name)).toThrow(/JmsResponse\.forTopic\(\)/);
  });
});
