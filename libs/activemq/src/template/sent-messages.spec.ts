import { Logger } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { DefaultMessageConverter } from '../message/default-message-converter.js';
import { JmsMessagingTemplate } from './jms-messaging.template.js';
import { type SentMessage, SentMessages } from './sent-messages.js';
import { resolveTemplateDefaults } from './template-defaults.js';

function templateOn(send: () => Promise<unknown>, sent: SentMessages) {
  const connection = { name: 'billing', send } as unknown as ActiveMqConnection;
  return new JmsMessagingTemplate(connection, new DefaultMessageConverter(), resolveTemplateDefaults('t', {}, false), sent);
}

const confirmed = () => Promise.resolve({ brokerUri: 'stomp://broker:61613' });

describe('SentMessages', () => {
  it('tells what was sent, where and how, once it is confirmed', async () => {
    const sent = new SentMessages();
    const seen: SentMessage[] = [];
    sent.sent$.subscribe((message) => seen.push(message));
    let confirm!: () => void;
    const template = templateOn(() => new Promise((resolve) => (confirm = () => resolve({ brokerUri: 'stomp://b' }))), sent);
    const payload = { id: 1 };
    const sending = template.convertAndSend('orders', payload, { idempotencyKey: 'k', headers: { region: 'EU' } });
    expect(seen).toEqual([]);
    confirm();
    await sending;
    expect(seen).toEqual([
      {
        connection: 'billing',
        destination: 'queue://orders',
        payload,
        options: { idempotencyKey: 'k', headers: { region: 'EU' } },
        headers: expect.objectContaining({ destination: '/queue/orders', region: 'EU', idempotencyKey: 'k', persistent: 'true' }),
        idempotencyKey: 'k',
        brokerUri: 'stomp://b',
      },
    ]);
  });

  it('says nothing of a message that was not confirmed', async () => {
    const sent = new SentMessages();
    const observer = vi.fn();
    sent.sent$.subscribe(observer);
    await expect(templateOn(() => Promise.reject(new Error('no broker')), sent).convertAndSend('orders', 1)).rejects.toThrow('no broker');
    expect(observer).not.toHaveBeenCalled();
  });

  it('describes nothing while nobody listens', async () => {
    const sent = new SentMessages();
    const describe = vi.fn<() => SentMessage>();
    sent.report(describe);
    expect(describe).not.toHaveBeenCalled();
    await expect(templateOn(confirmed, sent).convertAndSend('orders', 1)).resolves.toMatchObject({ destination: 'queue://orders' });
  });

  it('harms no send when an observer throws: that is logged, and the others are told', async () => {
    const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const sent = new SentMessages();
    const seen: string[] = [];
    sent.sent$.subscribe(() => {
      throw new Error('of the observer');
    });
    sent.sent$.subscribe(({ destination }) => seen.push(destination));
    await templateOn(confirmed, sent).convertAndSend('orders', 1);
    expect([seen, error.mock.calls.map(([text]) => text as string)]).toEqual([
      ['queue://orders'],
      ['An observer of sent$ failed: Error: of the observer'],
    ]);
    error.mockRestore();
  });
});
