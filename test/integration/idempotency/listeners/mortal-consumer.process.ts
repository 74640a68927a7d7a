import 'reflect-metadata';
import { Injectable, type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ActiveMqModule, JmsListener, JmsMessage, Message } from 'nestjs-activemq';
import { type CompleteRequest, Idempotent, type IdempotencyStore } from 'nestjs-activemq/idempotency';
import { redisIdempotencyStore } from 'nestjs-activemq/redis';

import type { MortalConsumerSettings } from './mortal-consumer.js';

const { brokerUrl, redisUrl, queue, leaseMs, maximumRedeliveries, dies } = JSON.parse(process.argv[2] ?? '') as MortalConsumerSettings;
const die = () => process.kill(process.pid, 'SIGKILL');
const tell = (what: string) => new Promise((resolve) => process.send?.(what, resolve));

/** Dies where a process can die, of itself: nobody can say from outside when it is there. */
class MortalStore implements IdempotencyStore {
  readonly #store = redisIdempotencyStore({ url: redisUrl });
  readonly claim = this.#store.claim.bind(this.#store);
  readonly renew = this.#store.renew.bind(this.#store);
  readonly release = this.#store.release.bind(this.#store);
  readonly ping = this.#store.ping.bind(this.#store);
  readonly open = this.#store.open.bind(this.#store);
  readonly close = this.#store.close.bind(this.#store);

  async complete(request: CompleteRequest) {
    if (dies === 'before complete') die();
    const answer = await this.#store.complete(request);
    if (dies === 'after complete') die();
    await tell(answer);
    return answer;
  }
}

@Injectable()
class Mortal {
  @JmsListener({ destination: queue, redelivery: { maximumRedeliveries } })
  @Idempotent({ scope: 'test', leaseMs })
  async onMessage(@Message() message: JmsMessage): Promise<void> {
    await tell(`handling ${message.text()}`);
    if (dies === 'while handling') die();
    // Until the parent says so.
    if (dies === 'never') await new Promise((resolve) => process.once('message', resolve));
  }
}

const silent: LoggerService = { log: () => undefined, warn: () => undefined, error: () => undefined };

@Module({
  imports: [ActiveMqModule.forRoot({ brokerUrl, startup: 'wait', logger: silent, idempotency: { store: new MortalStore() } })],
  providers: [Mortal],
})
class Consumer {}

await NestFactory.createApplicationContext(Consumer, { logger: false, abortOnError: false });
// The test ended without us.
process.on('disconnect', () => process.exit());
await tell('ready');
