import 'reflect-metadata';
import { Injectable, type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ActiveMqModule, JmsListener, JmsListenerEndpointRegistry, JmsMessage, Message } from 'nestjs-activemq';
import { type CompleteRequest, getIdempotencyContext, Idempotent, type IdempotencyStore } from 'nestjs-activemq/idempotency';
import { redisIdempotencyStore } from 'nestjs-activemq/redis';
import { setImmediate as turn } from 'node:timers/promises';

import type { ConsumerReport, ConsumerSettings } from './consumer-protocol.js';
import { Journal } from './journal.js';

const settings = JSON.parse(process.argv[2] ?? '') as ConsumerSettings;
const journal = new Journal(settings.journal);
/** Told to the parent: what the run does not expect. */
const complain = (message: unknown) => process.send?.({ type: 'log', line: String(message) } satisfies ConsumerReport);
const logger: LoggerService = { log: () => undefined, debug: () => undefined, warn: complain, error: complain };

/** Writes down what the store answers to `complete`, before anybody acts on it. */
class JournalledStore implements IdempotencyStore {
  readonly #store = redisIdempotencyStore({ url: settings.redisUrl, keyPrefix: 'chaos' });
  readonly claim = this.#store.claim.bind(this.#store);
  readonly renew = this.#store.renew.bind(this.#store);
  readonly release = this.#store.release.bind(this.#store);
  readonly ping = this.#store.ping.bind(this.#store);
  readonly open = this.#store.open.bind(this.#store);
  readonly close = this.#store.close.bind(this.#store);

  async complete(request: CompleteRequest) {
    const message = Number(request.key.slice(request.key.lastIndexOf('-') + 1));
    const answer = await this.#store.complete(request);
    journal.completed(message, request.token, answer);
    return answer;
  }
}

@Injectable()
class Effects {
  @JmsListener({ destination: settings.queue, id: 'effects', concurrency: settings.concurrency })
  @Idempotent({ leaseMs: settings.leaseMs })
  async onMessage(@Message() message: JmsMessage<{ n: number }>): Promise<void> {
    const { n } = message.payload;
    await turn();
    journal.effect(n, getIdempotencyContext()?.token ?? '');
    await turn();
  }
}

@Module({
  imports: [
    ActiveMqModule.forRoot({
      brokerUrl: settings.brokerUrl,
      startup: 'wait',
      logger,
      idempotency: { store: new JournalledStore(), instanceId: settings.instanceId, completedTtlMs: 86_400_000 },
    }),
  ],
  providers: [Effects],
})
class Consumer {}

const app = await NestFactory.createApplicationContext(Consumer, { logger: false, abortOnError: false });
const container = app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
const report = () => {
  const { counts, gate, unsettledMessages } = container;
  process.send?.({ type: 'counts', counts, gate: gate!, unsettledMessages } satisfies ConsumerReport);
};
const timer = setInterval(report, 500);
process.on('message', () => {
  stop().catch((error: unknown) => {
    complain(error);
    process.exit(1);
  });
});
async function stop(): Promise<void> {
  clearInterval(timer);
  await app.close();
  report();
  process.disconnect();
}

// The run ended without us.
process.on('disconnect', () => process.exit());
process.send?.({ type: 'ready' } satisfies ConsumerReport);
