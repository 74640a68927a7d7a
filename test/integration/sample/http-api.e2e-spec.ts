import 'reflect-metadata';

import { type Cluster, startCluster } from 'activemq-cluster';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { OrderCounters, OrderRecord } from '../../../apps/sample/src/orders/order.js';
import { type RunningSample, startSample } from '../../../apps/sample/src/sample-application.js';
import type { Status } from '../../../apps/sample/src/status/status.service.js';
import { readEvents } from './event-stream.fixture.js';

interface OrdersEvent {
  readonly counters: OrderCounters;
  readonly orders: readonly OrderRecord[];
}

describe('the HTTP API of the sample', () => {
  let cluster: Cluster;
  let sample: RunningSample;

  beforeAll(async () => {
    cluster = await startCluster({ topology: 'single' });
    sample = await startSample({ brokerUrl: cluster.brokerUrl, port: 0, ordersQueue: 'sample.http' }, ['fatal']);
  });

  afterAll(async () => {
    await sample?.application.close();
    await cluster?.down();
  });

  const get = async <T>(path: string) => (await (await fetch(new URL(path, sample.url))).json()) as T;
  const post = async (body: string, contentType = 'application/json') =>
    fetch(new URL('/orders', sample.url), { method: 'POST', headers: { 'content-type': contentType }, body });

  /** Resolves with the first event of a kind that is as wanted. */
  async function event<T>(name: string, isWanted: (data: T) => boolean): Promise<T> {
    for await (const { type, data } of readEvents(new URL('/events', sample.url))) {
      if (type === name && isWanted(data as T)) return data as T;
    }
    throw new Error(`The stream of events ended without the ${name} that was waited for`);
  }

  it('says how it is connected', async () => {
    await event<Status>('status', ({ connection, listeners }) => connection.state === 'connected' && listeners[0]?.state === 'running');
    expect(await get('/status')).toMatchObject({
      connection: { state: 'connected', brokerUri: expect.stringMatching(/^stomp:\/\/127\.0\.0\.1:\d+$/), pendingSends: 0 },
      failovers: 0,
      recentFailovers: [],
      listeners: [{ id: 'orders', destination: 'queue://sample.http', state: 'running' }],
    });
  });

  it('places an order, consumes it and shows it', async () => {
    const response = await post('{"item":"tea","quantity":2}');
    expect(response.status).toBe(201);
    const { ids } = (await response.json()) as { ids: string[] };
    expect(ids).toHaveLength(1);
    await event<OrdersEvent>('orders', ({ orders }) => orders.some(({ id, state }) => id === ids[0] && state === 'consumed'));
    const { orders } = await get<OrdersEvent>('/orders');
    expect(orders).toMatchObject([{ id: ids[0], item: 'tea', quantity: 2, state: 'consumed', attempts: 1 }]);
  });

  it('places many at once and pages what it shows', async () => {
    const before = (await get<OrdersEvent>('/orders')).counters.consumed;
    const response = await post('{"item":"coffee","count":300}');
    expect(await response.json()).toMatchObject({ sent: 300, confirmed: 300, ids: { length: 100 } });
    await event<OrdersEvent>('orders', ({ counters }) => counters.consumed === before + 300);
    expect((await get<OrdersEvent>('/orders')).orders).toHaveLength(50);
    expect((await get<OrdersEvent>('/orders?limit=7')).orders).toHaveLength(7);
    expect((await get<OrdersEvent>('/orders')).counters).toMatchObject({ duplicates: 0, unconfirmed: 0 });
  });

  it('dead-letters an order that fails each time', async () => {
    await post('{"item":"glass","fails":true}');
    const { listeners } = await event<Status>('status', (status) => status.listeners[0]?.counts.deadLettered === 1);
    expect(listeners[0]?.counts).toMatchObject({ redeliveries: 2, deadLettered: 1 });
    expect((await get<OrdersEvent>('/orders')).orders.map(({ item }) => item)).not.toContain('glass');
  });

  it.each([
    ['{"item":7}', 'application/json', ['item must be a text of 1 to 200 characters']],
    ['{"item":"tea","price":1}', 'application/json', ['the only properties are item, quantity, count, fails']],
    ['["tea"]', 'application/json', [expect.stringContaining('must be a JSON object')]],
    ['item=tea', 'application/x-www-form-urlencoded', [expect.stringContaining('must be a JSON object')]],
    ['{"item":', 'application/json', expect.stringContaining('JSON')],
  ])('refuses the body %s as %s', async (body, contentType, message) => {
    const response = await post(body, contentType);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ statusCode: 400, error: 'Bad Request', message });
  });

  it('refuses a body that is too large, and a limit that is none', async () => {
    expect((await post(JSON.stringify({ item: 'x'.repeat(20_000) }))).status).toBe(413);
    const response = await fetch(new URL('/orders?limit=0', sample.url));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: ['limit must be a whole number from 1 to 500'] });
  });

  it('serves the page and its parts, all under the same policy', async () => {
    for (const [path, type] of [
      ['/', 'text/html'],
      ['/app.js', 'text/javascript'],
      ['/style.css', 'text/css'],
    ] as const) {
      const response = await fetch(new URL(path, sample.url));
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain(type);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });
});
