import 'reflect-metadata';
import { Injectable, type LoggerService, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ActiveMqModule,
  BrokerDeadLetterStrategy,
  type DeadLetterStrategy,
  DiscardingDeadLetterStrategy,
  IndividualDeadLetterStrategy,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessage,
  JmsMessagingTemplate,
  Message,
  SharedDeadLetterStrategy,
} from 'nestjs-activemq';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { AttemptLog } from './attempt-log.js';
import { type Combination, failuresOf, LIMIT, outQueueOf, queueOf } from './combination.js';
import type { ConsumerOrder, ConsumerReport, ConsumerSettings } from './consumer-protocol.js';

const settings = JSON.parse(process.argv[2] ?? '') as ConsumerSettings;
const logFile = path.join(settings.folder, `consumer-${settings.number}.log`);
const write = (level: string) => (text: unknown) => appendFileSync(logFile, `${Date.now()} ${level} ${String(text)}\n`);
const logger: LoggerService = { log: write('log'), debug: write('debug'), warn: write('warn'), error: write('error') };
const tell = (report: ConsumerReport) => process.send?.(report);

const STRATEGIES: Readonly<Record<Combination['strategy'], DeadLetterStrategy>> = {
  shared: new SharedDeadLetterStrategy(),
  individual: new IndividualDeadLetterStrategy({ queuePrefix: 'DLQ.' }),
  discarding: new DiscardingDeadLetterStrategy(),
  broker: new BrokerDeadLetterStrategy({ policy: new IndividualDeadLetterStrategy({ queuePrefix: 'BROKER.DLQ.' }) }),
};

function listenerFor(combination: Combination): Type<object> {
  const queue = queueOf(combination);
  const attempts = new AttemptLog(path.join(settings.folder, queue));
  @Injectable()
  class Listener {
    @JmsListener({
      destination: queue,
      id: queue,
      // One slot of a transacted listener acknowledges cumulatively; several share a subscription, or have one each.
      concurrency: combination.strategy === 'shared' ? 1 : 2,
      prefetch: 10,
      autoStartup: false,
      ackMode: combination.ack,
      deadLetter: STRATEGIES[combination.strategy],
      redelivery: {
        mode: combination.mode,
        maximumRedeliveries: LIMIT - 1,
        initialRedeliveryDelay: settings.redeliveryDelay,
        redeliveryDelay: settings.redeliveryDelay,
      },
    })
    async handle(@Message() message: JmsMessage<{ n: number }>): Promise<void> {
      const { n } = message.payload;
      const attempt = attempts.begin(n, settings.number, message.deliveryCount);
      if (combination.ack === 'transacted') await template.convertAndSend(outQueueOf(combination), { n });
      await delay(Math.random() * 3);
      if (attempt <= failuresOf(n)) {
        tell('threw');
        throw new Error(`attempt ${attempt} at message ${n} fails by plan`);
      }
      attempts.handled(n, settings.number);
    }
  }
  return Listener;
}

@Module({
  imports: [ActiveMqModule.forRoot({ brokerUrl: settings.brokerUrl, startup: 'background', logger })],
  providers: settings.combinations.map(listenerFor),
})
class Consumer {}

const app = await NestFactory.createApplicationContext(Consumer, { logger: false, abortOnError: false });
const template = app.get(JmsMessagingTemplate);
const registry = app.get(JmsListenerEndpointRegistry);

async function carryOut(order: ConsumerOrder): Promise<void> {
  if (typeof order === 'object') await registry.stop(undefined, order.restart);
  for (const { id } of registry.getListenerContainers()) registry.start(id);
  tell('started');
}

// What it fails with ends the process, and the run.
process.on('message', (order: ConsumerOrder) => void carryOut(order));
// The run ended without us.
process.on('disconnect', () => process.exit());
tell('ready');
