import { vi } from 'vitest';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { MessageConsumerObserver } from '../connection/message-consumer.js';
import { SharedDeadLetterStrategy } from '../delivery/dead-letter/shared-dead-letter-strategy.js';
import { recordingLogger } from '../delivery/delivery.fixture.js';
import { DEFAULT_REDELIVERY_POLICY } from '../delivery/redelivery-policy.js';
import { DefaultMessageConverter } from '../message/default-message-converter.js';
import { stompHeaders } from '../stomp/frame.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import type { JmsListenerContainerParts } from './jms-listener-container-parts.js';
import { JmsListenerContainer } from './jms-listener-container.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

/** A listener with a broker that the test plays, and whose handlers wait for it. */
export function containerBench(id = 'orders', options: Partial<JmsListenerEndpoint> = {}, more: Partial<JmsListenerContainerParts> = {}) {
  let observer!: MessageConsumerObserver;
  const observers: MessageConsumerObserver[] = [];
  const consumer = {
    transactedAcknowledgements: { messages: 0, bytes: 0 },
    isSubscribed: false,
    start: vi.fn(),
    stop: vi.fn(() => Promise.resolve()),
    useHeaders: vi.fn((_headers: OutgoingHeaders) => undefined),
    resubscribe: vi.fn(() => Promise.resolve()),
  };
  const renewConsumingSession = vi.fn(() => Promise.resolve(true));
  const connection = {
    renewConsumingSession,
    runInTransaction: (_: unknown, work: () => unknown) => work(),
    whenConnected: () => Promise.resolve(),
    // There are messages that came back; of a single one it does not say how often.
    async *browse(_: string, { selector = '' }: { readonly selector?: string }) {
      if (!selector.includes('JMSMessageID')) yield { command: 'MESSAGE', headers: stompHeaders({}), body: Buffer.alloc(0) };
    },
    removeConsumer: () => undefined,
    createConsumer: (_: unknown, given: MessageConsumerObserver) => {
      observer = given;
      observers.push(given);
      return consumer;
    },
  } as unknown as ActiveMqConnection;
  const running: (() => void)[] = [];
  const logger = recordingLogger();
  const endpoint: JmsListenerEndpoint = {
    id,
    methodName: 'Orders.handle',
    connection: 'default',
    destinations: [{ type: 'queue', physicalName: 'orders' }],
    concurrency: 1,
    prefetch: 10,
    ackMode: 'auto',
    exclusive: false,
    priority: 0,
    autoStartup: true,
    // Without end, so that no queue is browsed before the start.
    redelivery: () => ({ ...DEFAULT_REDELIVERY_POLICY, maximumRedeliveries: -1 }),
    deadLetter: () => new SharedDeadLetterStrategy(),
    replyQosSettings: {},
    errorReplies: false,
    takesPayloads: true,
    ...options,
  };
  let fail!: (error: Error) => void;
  const handler = () =>
    new Promise<void>((resolve, reject) => {
      running.push(resolve);
      fail = reject;
    });
  const container = new JmsListenerContainer({ endpoint, connection, converter: new DefaultMessageConverter(), handler, logger, ...more });
  const subscribe = () => {
    consumer.isSubscribed = true;
    observer.onSubscribed('stomp://broker:61613');
  };
  return {
    container,
    consumer,
    renewConsumingSession,
    observer,
    observers,
    logger,
    running,
    subscribe,
    fail: (error: Error) => fail(error),
  };
}
