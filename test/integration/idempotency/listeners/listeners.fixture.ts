import type { INestApplication } from '@nestjs/common';
import { Redis } from 'ioredis';
import { JmsListenerEndpointRegistry } from 'nestjs-activemq';
import type { IdempotencyModuleOptions } from 'nestjs-activemq/idempotency';
import { redisIdempotencyStore } from 'nestjs-activemq/redis';
import { afterAll, afterEach, beforeAll } from 'vitest';

import { RedisServer } from '../../../support/redis-server.js';

/** Short enough for tests, and long enough for a machine that is busy. */
export const LEASE = 1_500;

/** A real Redis for the tests of a file, empty at the beginning of each test. */
export class RedisBench {
  #server: RedisServer | undefined;
  #client: Redis | undefined;
  readonly #clients: Redis[] = [];

  /** Starts it before the tests of the file and ends it after them. */
  static forFile(): RedisBench {
    const bench = new RedisBench();
    beforeAll(async () => {
      bench.#server = await RedisServer.start();
      bench.#client = new Redis(bench.#server.port, '127.0.0.1');
    });
    afterEach(async () => {
      for (const client of bench.#clients.splice(0)) client.disconnect();
      await bench.redis.flushall();
    });
    afterAll(async () => {
      bench.#client?.disconnect();
      await bench.#server?.stop();
    });
    return bench;
  }

  get server(): RedisServer {
    if (!this.#server) throw new Error('Redis is started in beforeAll; ask for it in a test');
    return this.#server;
  }

  /** A client of the tests' own. */
  get redis(): Redis {
    if (!this.#client) throw new Error('Redis is started in beforeAll; ask for it in a test');
    return this.#client;
  }

  /** `idempotency` of a module, over a connection of its own; `port` of a proxy before Redis. */
  options(more: Partial<IdempotencyModuleOptions> = {}, port = this.server.port): IdempotencyModuleOptions {
    return {
      store: redisIdempotencyStore({ url: `redis://127.0.0.1:${port}`, timeoutMs: 500 }),
      leaseMs: LEASE,
      storeBudgetMs: 500,
      ...more,
    };
  }

  /** The records, by state. */
  async states(): Promise<{ readonly processing: number; readonly completed: number }> {
    const keys = await this.redis.keys('amq:idem:*');
    const states = await Promise.all(keys.map(async (key) => this.redis.hget(key, 's')));
    return { processing: states.filter((state) => state === 'P').length, completed: states.filter((state) => state === 'C').length };
  }
}

/** The container of an application's only listener. */
export function containerOf(app: INestApplication) {
  return app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!;
}
