import type { INestApplicationContext, Type } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { type BrokerOptions, startCluster } from 'activemq-cluster';
import { type ActiveMqModuleOptions, JmsListener, type JmsListenerOptions, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { EmbeddedBroker, type EmbeddedBrokerOptions } from 'nestjs-activemq/embedded';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, vi } from 'vitest';

import { bootApplication } from '../../support/application.js';
import { RawClient } from './raw-client.fixture.js';

/** A broker of either kind, with applications that are closed after the test. */
export class SendingBench {
  #port = 0;
  readonly #ends: (() => Promise<void>)[] = [];

  /** The broker's STOMP port. */
  get port(): number {
    return this.#port;
  }

  set port(port: number) {
    this.#port = port;
  }

  /** A queue that no other test uses. */
  queue(): string {
    return `sending.${randomUUID()}`;
  }

  async boot(options: ActiveMqModuleOptions = {}, providers: readonly Type[] = []): Promise<INestApplicationContext> {
    const app = await bootApplication({ brokerUrl: `stomp://127.0.0.1:${this.port}`, shutdownTimeout: 500, ...options }, providers);
    this.#ends.push(() => app.close());
    return app;
  }

  /** The template of an application without listeners. */
  async template(options: ActiveMqModuleOptions = {}): Promise<JmsMessagingTemplate> {
    return (await this.boot(options)).get(JmsMessagingTemplate);
  }

  /** The messages that come to a destination, as a listener of an application of its own sees them. */
  async listen(destination: string, options: Partial<JmsListenerOptions> = {}): Promise<readonly JmsMessage[]> {
    const messages: JmsMessage[] = [];
    @Injectable()
    class Listener {
      @JmsListener({ destination, ...options })
      onMessage(message: JmsMessage): void {
        messages.push(message);
      }
    }
    await this.boot({}, [Listener]);
    return messages;
  }

  /** A client beside the framework. */
  async raw({ user, password }: { readonly user?: string; readonly password?: string } = {}): Promise<RawClient> {
    const client = await RawClient.connect(this.port, user, password);
    this.#ends.push(() => client.close());
    return client;
  }

  /** The bodies that lie on a queue. */
  async bodies(queue: string): Promise<readonly string[]> {
    return (await this.raw()).bodies(queue);
  }

  /** Closes what the test has opened. */
  async closeAll(): Promise<void> {
    await Promise.all(this.#ends.splice(0).map((end) => end()));
  }
}

/** Runs the tests on a real broker and on the embedded one. */
export function describeOnEitherBroker(
  title: string,
  tests: (bench: SendingBench) => void,
  { real, embedded }: { readonly real?: BrokerOptions; readonly embedded?: EmbeddedBrokerOptions } = {},
): void {
  describe(`${title} [ActiveMQ]`, () => {
    const bench = new SendingBench();
    let down: (() => Promise<unknown>) | undefined;
    beforeAll(async () => {
      const cluster = await startCluster({ topology: 'single', broker: real });
      down = () => cluster.down();
      bench.port = cluster.nodes[0]!.ports.stomp;
    });
    afterEach(() => bench.closeAll());
    afterAll(async () => void (await down?.()));
    tests(bench);
  });
  describe(`${title} [embedded]`, () => {
    const bench = new SendingBench();
    const broker = new EmbeddedBroker({ ...embedded, log: () => undefined });
    beforeAll(async () => {
      await broker.start();
      bench.port = (await broker.listen({ port: 0 })).port;
    });
    afterEach(() => bench.closeAll());
    afterAll(() => broker.stop());
    tests(bench);
  });
}

/** Waits until `condition` no longer throws. */
export function until(condition: () => unknown): Promise<unknown> {
  return vi.waitFor(condition, { timeout: 20_000, interval: 20 });
}
