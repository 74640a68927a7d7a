import 'reflect-metadata';
import { Injectable, Module, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ActiveMqModule, JmsListener, JmsListenerEndpointRegistry, JmsMessage, Message } from 'nestjs-activemq';
import { IdempotencyInterceptor } from 'nestjs-activemq/idempotency';
import { redisIdempotencyStore } from 'nestjs-activemq/redis';
import type { Observable } from 'rxjs';

import type { BenchReport, BenchSettings } from './bench-protocol.js';

const settings = JSON.parse(process.argv[2] ?? '') as BenchSettings;
const { protection } = settings;

/** What a listener without protection has in its place: an interceptor that does nothing. */
@Injectable()
class NoInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle();
  }
}

let handled = 0;

@Injectable()
class Listener {
  @JmsListener({ destination: settings.queue, id: 'bench', concurrency: 32, prefetch: 100, autoStartup: false })
  @UseInterceptors(protection === 'off' ? NoInterceptor : IdempotencyInterceptor)
  async onMessage(@Message() _message: JmsMessage): Promise<void> {
    handled++;
  }
}

const idempotency = protection === 'off' ? undefined : { store: redisIdempotencyStore({ url: settings.redisUrl, library: protection }) };

@Module({ imports: [ActiveMqModule.forRoot({ brokerUrl: settings.brokerUrl, startup: 'wait', idempotency })], providers: [Listener] })
class Bench {}

const app = await NestFactory.createApplicationContext(Bench, { logger: ['warn', 'error'], abortOnError: false });
const registry = app.get(JmsListenerEndpointRegistry);
const container = registry.getListenerContainers()[0]!;
const settled = () => container.counts.acknowledged + container.counts.duplicates;

/** Takes `messages` off the queue, which holds them already. */
async function take(messages: number): Promise<BenchReport> {
  const [before, handledBefore] = [settled(), handled];
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const done = new Promise<void>((resolve) => {
    const subscription = registry.outcomes$.subscribe(() => {
      if (settled() - before < messages) return;
      subscription.unsubscribe();
      resolve();
    });
  });
  registry.start();
  await done;
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1_000;
  await registry.stop();
  return { cpuPerMessage: (user + system) / messages, messagesPerSecond: messages / seconds, handled: handled - handledBefore };
}

process.on('message', (messages: number) => {
  take(messages).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
