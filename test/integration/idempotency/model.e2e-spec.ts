import { randomUUID } from 'node:crypto';

import * as fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { followModel, steps } from '../../../libs/activemq/src/idempotency/store-model.fixture.js';
import { RedisServer } from '../../support/redis-server.js';
import { CLIENTS, elapseOn } from './clients.fixture.js';

describe('random interleavings of three actors, on Redis', () => {
  let server: RedisServer;
  let admin: Redis;

  beforeAll(async () => {
    server = await RedisServer.start();
    admin = new Redis(server.port, '127.0.0.1');
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });

  it.each(CLIENTS)('at most one live owner, completed until the ttl, with a client of %s', async (_, make) => {
    const client = await make(server.url);
    const run = fc.asyncProperty(steps, async (todo) => {
      await followModel(client.store, async (ms) => elapseOn(admin, ms), randomUUID(), todo);
      await admin.flushall();
    });
    try {
      await expect(fc.assert(run, { numRuns: 500 })).resolves.toBeUndefined();
    } finally {
      client.disconnect();
    }
  });
});
