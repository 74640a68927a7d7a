import { type INestApplicationContext, Injectable, type Type } from '@nestjs/common';
import { type Cluster, startCluster } from 'activemq-cluster';
import {
  type ActiveMqModuleOptions,
  JmsListener,
  JmsListenerEndpointRegistry,
  type JmsListenerOptions,
  JmsMessage,
  type SettlementCounts,
} from 'nestjs-activemq';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';

import { bootApplication } from '../../support/application.js';
import { SpringPeer } from './spring-peer.js';

/** One broker and one Spring application for the tests of a file, and applications of ours that end with their test. */
export class SpringBench {
  #cluster: Cluster | undefined;
  #java: SpringPeer | undefined;
  readonly #apps: INestApplicationContext[] = [];

  /** Starts both before the tests of the file and ends them after those. */
  static forFile(): SpringBench {
    const bench = new SpringBench();
    beforeAll(async () => {
      bench.#cluster = await startCluster({ topology: 'single' });
      bench.#java = await SpringPeer.start(bench.#cluster.openwireUrl);
    });
    afterEach(async () => void (await Promise.all(bench.#apps.splice(0).map((app) => app.close()))));
    afterAll(async () => {
      await bench.#java?.stop();
      await bench.#cluster?.down();
    });
    return bench;
  }

  /** The Spring application. */
  get java(): SpringPeer {
    if (!this.#java) throw new Error('The peer is started in beforeAll; ask for it in a test');
    return this.#java;
  }

  /** Starts an application of ours. */
  async boot(providers: readonly Type[] = [], options: ActiveMqModuleOptions = {}): Promise<INestApplicationContext> {
    const app = await bootApplication({ brokerUrl: this.#cluster?.brokerUrl, ...options }, providers);
    this.#apps.push(app);
    return app;
  }
}

/** A name that no other test uses. */
export function uniqueName(name: string): string {
  return `${name}.${randomUUID()}`;
}

/** Waits until `condition` no longer throws. */
export function until<T>(condition: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(condition, { timeout: 20_000, interval: 20 });
}

/** A listener class that notes what it gets, and returns what `work` returns. */
export function listener(options: JmsListenerOptions | string, work: (message: JmsMessage) => unknown = () => undefined) {
  @Injectable()
  class Listener {
    readonly received: JmsMessage[] = [];

    @JmsListener(options)
    onMessage(message: JmsMessage): unknown {
      this.received.push(message);
      return work(message);
    }
  }
  return Listener;
}

/** What became of the messages of the only listener. */
export function countsOf(app: INestApplicationContext): SettlementCounts {
  return app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!.counts;
}
