import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type Cluster, type ClusterOptions, startCluster } from 'activemq-cluster';
import { ActiveMqConnection, ActiveMqModule, type ActiveMqModuleOptions, JmsMessagingTemplate } from 'nestjs-activemq';
import { EmbeddedBroker, type EmbeddedBrokerOptions } from 'nestjs-activemq/embedded';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';

import { RawClient } from '../framework/raw-client.fixture.js';
import { TcpProxy } from '../framework/tcp-proxy.fixture.js';

type Closing = () => Promise<unknown>;

/** An application that sends and receives. */
export interface ReceivingApp {
  readonly jms: JmsMessagingTemplate;
  readonly connection: ActiveMqConnection;
  /** Anything else of the application. */
  get<T>(token: abstract new (...args: never[]) => T): T;
  readonly close: () => Promise<void>;
}

/** A broker, real or embedded, with what tests need around it; everything is closed after each test. */
export class ReceivingBench {
  readonly #closing: Closing[] = [];

  constructor(
    /** STOMP port on 127.0.0.1. */
    readonly port: () => number,
    /** `kill -9`, then a start on the same data. */
    readonly killAndRestart: () => Promise<void>,
  ) {
    afterEach(async () => {
      for (const close of this.#closing.splice(0).toReversed()) await close();
    });
  }

  /** A name that no other test uses. */
  queue(name = 'orders'): string {
    return `${name}.${randomUUID()}`;
  }

  /** An application on this broker, or on a port in front of it. */
  async app(options: ActiveMqModuleOptions = {}, port = this.port(), providers: unknown[] = []): Promise<ReceivingApp> {
    const brokerUrl = `failover:(stomp://127.0.0.1:${port})?maxReconnectDelay=100`;
    @Module({ imports: [ActiveMqModule.forRoot({ brokerUrl, startup: 'wait', ...options })], providers: providers as never[] })
    class App {}
    const app = (await Test.createTestingModule({ imports: [App] }).compile()).createNestApplication({ logger: false });
    await app.init();
    let closed: Promise<void> | undefined;
    const close = () => (closed ??= app.close());
    this.#closing.push(close);
    return { jms: app.get(JmsMessagingTemplate), connection: app.get(ActiveMqConnection), get: (token) => app.get(token), close };
  }

  /** A client beside the framework. */
  async client(): Promise<RawClient> {
    const client = await RawClient.connect(this.port());
    this.#closing.push(() => client.close());
    return client;
  }

  /** A port in front of the broker, whose connections can be cut. */
  async proxy(): Promise<TcpProxy> {
    const proxy = await TcpProxy.before(this.port());
    this.#closing.push(() => proxy.close());
    return proxy;
  }
}

/** Runs the tests on a real broker and on the embedded one. */
export function describeOnBoth(
  title: string,
  tests: (bench: ReceivingBench) => void,
  { real = {}, embedded = {} }: { real?: Partial<ClusterOptions>; embedded?: EmbeddedBrokerOptions } = {},
): void {
  describe(`${title} [ActiveMQ]`, () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startCluster({ topology: 'single', jvmOptions: ['-XX:TieredStopAtLevel=1'], ...real });
    });
    afterAll(() => cluster?.down());
    const node = () => cluster.nodes[0]!;
    const killAndRestart = async () => {
      await cluster.kill(node().name);
      await cluster.start(node().name);
    };
    tests(new ReceivingBench(() => node().ports.stomp, killAndRestart));
  });
  describe(`${title} [embedded]`, () => {
    const broker = new EmbeddedBroker({ log: () => undefined, ...embedded });
    let port = 0;
    beforeAll(async () => {
      await broker.start();
      ({ port } = await broker.listen());
    });
    afterAll(() => broker.stop());
    const killAndRestart = async () => {
      broker.kill();
      await broker.start();
    };
    tests(new ReceivingBench(() => port, killAndRestart));
  });
}
