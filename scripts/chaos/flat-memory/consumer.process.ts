import 'reflect-metadata';
import { Injectable, type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ActiveMqModule,
  JmsListener,
  JmsListenerEndpointRegistry,
  type JmsListenerOptions,
  JmsMessage,
  JmsMessagingTemplate,
  Message,
  NonRetryableError,
  SharedDeadLetterStrategy,
} from 'nestjs-activemq';

import { type ConsumerReport, type ConsumerSettings, DEAD_LETTER_QUEUE, OUT_QUEUE, QUEUE } from './kinds.js';

const { brokerUrl, kind } = JSON.parse(process.argv[2] ?? '') as ConsumerSettings;
const tell = (report: ConsumerReport) => process.send?.(report);
const silent: LoggerService = { log: () => undefined, warn: () => undefined, error: () => undefined };

const OPTIONS: Readonly<Record<typeof kind, Partial<JmsListenerOptions>>> = {
  transacted: { ackMode: 'transacted' },
  'dead-lettered': { deadLetter: new SharedDeadLetterStrategy({ deadLetterQueue: DEAD_LETTER_QUEUE }) },
  scheduled: { redelivery: { mode: 'scheduled', initialRedeliveryDelay: 1 } },
};

@Injectable()
class Listener {
  @JmsListener({ destination: QUEUE, id: 'flat', concurrency: 4, prefetch: 100, ...OPTIONS[kind] })
  async handle(@Message() message: JmsMessage): Promise<void> {
    if (kind === 'transacted') await template.convertAndSend(OUT_QUEUE, message.payload);
    if (kind === 'dead-lettered') throw new NonRetryableError('a dead letter by plan');
    if (kind === 'scheduled' && message.deliveryCount === 1) throw new Error('a retry by plan');
  }
}

@Module({ imports: [ActiveMqModule.forRoot({ brokerUrl, startup: 'wait', logger: silent })], providers: [Listener] })
class Consumer {}

const app = await NestFactory.createApplicationContext(Consumer, { logger: false, abortOnError: false });
const template = app.get(JmsMessagingTemplate);
const [container] = app.get(JmsListenerEndpointRegistry).getListenerContainers();

setInterval(() => {
  const { acknowledged, deadLettered } = container!.counts;
  tell({ type: 'ended', messages: acknowledged + deadLettered });
}, 100);
process.on('message', () => {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  tell({ type: 'memory', rss, heapUsed });
});
// The measurement ended without us.
process.on('disconnect', () => process.exit());
tell({ type: 'ready' });
