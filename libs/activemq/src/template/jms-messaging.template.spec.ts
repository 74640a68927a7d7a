import { describe, expect, it, vi } from 'vitest';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { MessageConversionError } from '../errors/index.js';
import { DefaultMessageConverter } from '../message/default-message-converter.js';
import type { SendOptions } from '../message/outgoing-message.js';
import { JmsMessagingTemplate } from './jms-messaging.template.js';
import { resolveTemplateDefaults, type TemplateDefaults } from './template-defaults.js';

type Sent = [headers: Record<string, string>, body: Buffer, timeout: number];

function templateWith(defaults: TemplateDefaults = {}, pubSubDomain = false) {
  const send = vi.fn((...sent: Sent) => Promise.resolve({ brokerUri: 'stomp://broker:61613', sent }));
  const connection = { send, flush: () => Promise.resolve() } as unknown as ActiveMqConnection;
  const template = new JmsMessagingTemplate(
    connection,
    new DefaultMessageConverter(),
    resolveTemplateDefaults('t', defaults, pubSubDomain),
  );
  const sendWith = async (options?: SendOptions) => {
    await template.convertAndSend('orders', 'x', options);
    return send.mock.lastCall as Sent;
  };
  return { template, send, sendWith };
}

describe('JmsMessagingTemplate', () => {
  it('tells of a send that fails beside its caller: behind an HTTP request nobody else would', async () => {
    const failure = new Error('no broker');
    const connection = { send: () => Promise.reject(failure) } as unknown as ActiveMqConnection;
    const told: unknown[] = [];
    const onFailure = (error: unknown) => told.push(error);
    const template = new JmsMessagingTemplate(
      connection,
      new DefaultMessageConverter(),
      resolveTemplateDefaults('t', {}, false),
      undefined,
      onFailure,
    );
    await expect(template.convertAndSend('orders', 'x')).rejects.toBe(failure);
    await expect(template.convertAndSend('', 'x')).rejects.toThrow('empty name');
    expect(told).toEqual([failure, expect.objectContaining({ code: 'ERR_AMQ_CONFIGURATION' })]);
  });

  it('tells where the message went, under which key, and who confirmed it', async () => {
    const { template } = templateWith({}, true);
    expect(await template.convertAndSend('prices,queue://audit', 'x', { idempotencyKey: 'k' })).toEqual({
      idempotencyKey: 'k',
      destination: 'topic://prices,queue://audit',
      brokerUri: 'stomp://broker:61613',
    });
  });

  it('lets an option of a send win over the default, and one that is undefined say nothing', async () => {
    const { sendWith } = templateWith({ priority: 7, persistent: false, sendTimeout: 5, timeToLive: 9, deliveryDelay: 6 });
    const unsaid = { priority: undefined, persistent: undefined, sendTimeout: undefined, timeToLive: undefined, deliveryDelay: undefined };
    const [defaults, , defaultTimeout] = await sendWith(unsaid);
    expect(defaults).toMatchObject({
      priority: '7',
      persistent: 'false',
      AMQ_SCHEDULED_DELAY: '6',
      expires: expect.stringMatching(/^\d+$/),
    });
    const [own, , timeout] = await sendWith({ priority: 0, persistent: true, sendTimeout: 0, timeToLive: 0, deliveryDelay: 8 });
    expect(own).toMatchObject({ priority: '0', persistent: 'true', AMQ_SCHEDULED_DELAY: '8' });
    expect([defaultTimeout, timeout, own['expires']]).toEqual([5, 0, undefined]);
  });

  it.each([
    [{ priority: 11 }, /The options of a send: `priority` is 11; it must be a number from 0 to 9/],
    [{ priority: '4' }, /`priority` is "4"/],
    [{ timeToLive: -1 }, /`timeToLive` is -1/],
    [{ timeToLive: Number.NaN }, /`timeToLive` is/],
    [{ timeToLive: Infinity }, /`timeToLive` is/],
    [{ persistent: 'false' }, /`persistent` must be true or false/],
    [{ sendTimeout: -1 }, /`sendTimeout` is -1/],
    [{ sendTimeout: '5' }, /`sendTimeout` is "5"/],
    [{ correlationId: 7 }, /`correlationId` must be a text/],
    [{ idempotencyKey: '' }, /`idempotencyKey` must be a text that is not empty/],
    [{ type: {} }, /`type` must be a text/],
    [{ groupId: null }, /`groupId` must be a text/],
    [{ replyTo: '/nowhere/x' }, /unknown prefix/],
    [{ headers: 'x' }, /`headers` must be an object/],
    [{ headers: new Map([['a', 'b']]) }, /The options of a send: `headers` is a Map, .*Object\.fromEntries/],
    [{ headers: new Headers({ a: 'b' }) }, /The options of a send: `headers` is a Headers/],
    [new Map([['priority', 4]]), /The options of a send: the options are a Map/],
    [{ headers: { destination: 'x' } }, /'destination' cannot be set/],
    [{ priorty: 4 }, /unknown option `priorty`\. Did you mean `priority`\?/],
    [{ ttl: 4 }, /unknown option `ttl`/],
  ])('refuses the options %o before anything is sent', async (options, why) => {
    const { template, send } = templateWith();
    await expect(template.convertAndSend('orders', 'x', options as never)).rejects.toMatchObject({ name: 'ConfigurationError' });
    await expect(template.convertAndSend('orders', 'x', options as never)).rejects.toThrow(why);
    expect(send).not.toHaveBeenCalled();
  });

  it.each(['', '/orders', ' orders', undefined, 7])('refuses the destination %j before anything is sent', async (destination) => {
    const { template, send } = templateWith();
    await expect(template.convertAndSend(destination as never, 'x')).rejects.toMatchObject({ name: 'ConfigurationError' });
    expect(send).not.toHaveBeenCalled();
  });

  it('rejects, and does not throw, for a payload it cannot convert', async () => {
    const { template, send } = templateWith();
    await expect(template.convertAndSend('orders', undefined)).rejects.toThrow(MessageConversionError);
    expect(send).not.toHaveBeenCalled();
  });

  it('refuses to browse with a selector that names a header with `-`', () => {
    const { template } = templateWith();
    expect(() => template.browse('orders', { selector: `reply-to = 'x'` })).toThrow(/reads reply-to as reply minus to.* write JMSReplyTo/);
  });
});
