import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { JmsListener, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { Pool } from 'pg';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { PostgresServer } from '../../support/postgres-server.js';
import { Bench } from '../framework/framework.fixture.js';
import { containerOf } from './listeners/listeners.fixture.js';
import { once } from './sql-inbox.fixture.js';

const bench = Bench.forFile();
let postgres: PostgresServer;
let pool: Pool;

beforeAll(async () => {
  postgres = await PostgresServer.start();
  pool = new Pool({ host: '127.0.0.1', port: postgres.port, user: 'postgres', password: postgres.password, database: 'postgres', max: 8 });
  // A backend that is ended while nobody uses its connection: the next one is a new one.
  pool.on('error', () => undefined);
  await pool.query(
    'CREATE TABLE inbox (scope text NOT NULL, key text NOT NULL, handled_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (scope, key))',
  );
  await pool.query('CREATE TABLE effects (key text NOT NULL)');
}, 180_000);
afterAll(async () => {
  await pool?.end();
  await postgres?.stop();
});

it('the recipe: effect and key in one transaction; duplicates, failures and killed backends double nothing and lose nothing', async () => {
  const queue = bench.queue();
  let failures = 20;
  @Injectable()
  class Billing {
    @JmsListener({
      destination: queue,
      concurrency: 8,
      redelivery: { initialRedeliveryDelay: 10, redeliveryDelay: 10, maximumRedeliveries: -1 },
    })
    async onOrder(message: JmsMessage): Promise<void> {
      const key = message.idempotencyKey ?? '';
      await once(pool, 'billing', key, async (client) => {
        await client.query('INSERT INTO effects (key) VALUES ($1)', [key]);
        if (failures-- > 0) {
          if (failures % 2 === 0) await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
          throw new Error('after the effect, before the commit');
        }
      });
    }
  }
  const app = await bench.app({ providers: [Billing] });
  const jms = app.get(JmsMessagingTemplate);
  const send = async (n: number) => jms.convertAndSend(queue, n, { idempotencyKey: `k${n}` });
  await Promise.all(Array.from({ length: 100 }, (_, n) => Promise.all([send(n), send(n)])));
  await vi.waitFor(() => expect(containerOf(app).counts.acknowledged).toBe(200), 40_000);
  const { rows } = await pool.query('SELECT count(*)::int AS effects, count(DISTINCT key)::int AS keys FROM effects');
  expect(rows).toEqual([{ effects: 100, keys: 100 }]);
  expect(containerOf(app).counts.redeliveries).toBe(20);
});

it('is what the documents show', async () => {
  const docs = await readFile(fileURLToPath(new URL('../../../docs/idempotency.md', import.meta.url)), 'utf8');
  const recipe = await readFile(fileURLToPath(new URL('./sql-inbox.fixture.ts', import.meta.url)), 'utf8');
  expect(docs).toContain(recipe.slice(recipe.indexOf('export async function once')));
});
