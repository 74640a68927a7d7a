import { type INestApplication, Module, type ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type Cluster, type ClusterOptions, startCluster } from 'activemq-cluster';
import { ActiveMqModule, type ActiveMqModuleOptions } from 'nestjs-activemq';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from 'vitest';

import { RawClient } from './raw-client.fixture.js';
import { TcpProxy } from './tcp-proxy.fixture.js';

/** What an application under test is made of. */
export interface AppParts {
  readonly providers?: ModuleMetadata['providers'];
  readonly imports?: ModuleMetadata['imports'];
  readonly options?: ActiveMqModuleOptions;
  /** Set to leave `ActiveMqModule` to `imports`. */
  readonly hasOwnModule?: boolean;
  /** Called before the application is initialised, for `useGlobal*`. */
  readonly configure?: (app: INestApplication) => void;
}

/** One real broker for the tests of a file, with what tests need around it; everything is closed after them. */
export class Bench {
  #cluster: Cluster | undefined;
  readonly #apps: INestApplication[] = [];
  readonly #clients: RawClient[] = [];
  readonly #proxies: TcpProxy[] = [];

  /** Starts the broker before the tests of the file and ends it after them. */
  static forFile(broker: Partial<ClusterOptions> = {}): Bench {
    const bench = new Bench();
    beforeAll(async () => {
      bench.#cluster = await startCluster({ topology: 'single', ...broker });
    });
    afterEach(() => bench.#closeAll());
    afterAll(() => bench.#cluster?.down());
    return bench;
  }

  /** The running broker. */
  get cluster(): Cluster {
    if (!this.#cluster) throw new Error('The broker is started in beforeAll; ask for it in a test');
    return this.#cluster;
  }

  /** Its STOMP port. */
  get port(): number {
    return this.cluster.nodes[0]!.ports.stomp;
  }

  /** A name that no other test uses. */
  queue(name = 'orders'): string {
    return `${name}.${randomUUID()}`;
  }

  /** Starts an application; it is closed after the test. */
  async app(parts: AppParts): Promise<INestApplication> {
    const app = await this.build(parts);
    await app.init();
    return app;
  }

  /** Makes an application that is not initialised yet; it is closed after the test. */
  async build({ providers = [], imports = [], options, hasOwnModule, configure }: AppParts): Promise<INestApplication> {
    const own = hasOwnModule ? [] : [ActiveMqModule.forRoot({ brokerUrl: this.cluster.brokerUrl, startup: 'wait', ...options })];
    @Module({ imports: [...own, ...imports], providers })
    class App {}
    const app = (await Test.createTestingModule({ imports: [App] }).compile()).createNestApplication({ logger: false });
    this.#apps.push(app);
    configure?.(app);
    return app;
  }

  /** A client beside the framework. */
  async client(login?: string, passcode?: string): Promise<RawClient> {
    const client = await RawClient.connect(this.port, login, passcode);
    this.#clients.push(client);
    return client;
  }

  /** A port in front of the broker, whose connections can be cut. */
  async proxy(): Promise<TcpProxy> {
    const proxy = await TcpProxy.before(this.port);
    this.#proxies.push(proxy);
    return proxy;
  }

  async #closeAll(): Promise<void> {
    const ends = [
      ...(await Promise.allSettled(this.#apps.splice(0).map((app) => app.close()))),
      ...(await Promise.allSettled(this.#clients.splice(0).map((client) => client.close()))),
      ...(await Promise.allSettled(this.#proxies.splice(0).map((proxy) => proxy.close()))),
    ];
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
