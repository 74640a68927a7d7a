import { setTimeout as delay } from 'node:timers/promises';

import { claimToken, type Lease, LeaseKeeper } from 'nestjs-activemq/idempotency';
import { redisIdempotencyStore } from 'nestjs-activemq/redis';
import { createClient } from 'redis';

import type { WorkerOrder } from './worker.fixture.js';

const [url = ''] = process.argv.slice(2);
const now = Date.now.bind(Date);

const client = createClient({ url });
client.on('error', () => undefined);
await client.connect();
const store = redisIdempotencyStore(client);
const keeper = new LeaseKeeper(store);
let lease: Lease | undefined;

process.on('message', (order: WorkerOrder) => {
  obey(order).then(
    (ok) => process.send?.({ ok }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
// The test ended without us.
process.on('disconnect', () => process.exit());
process.send?.({ ok: 'ready' });

async function obey(order: WorkerOrder): Promise<unknown> {
  switch (order.do) {
    case 'claim':
      return store.claim(order.request);
    case 'complete':
      return store.complete(order.request);
    case 'release':
      return store.release(order.request);
    case 'renew':
      return store.renew(order.request);
    case 'keep':
      lease = keeper.keep({ ...order.request, claimedAt: performance.now(), maxLeaseMs: 60_000 });
      return 'keeping';
    case 'stop keeping':
      lease?.stop();
      return lease?.loss ?? 'kept';
    case 'set clock':
      Date.now = () => now() + order.byMs;
      return Date.now();
    case 'block':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.ms);
      return 'blocked';
    case 'handle':
      return handleAll(order.keys);
    default:
      throw new Error(`no such order: ${JSON.stringify(order)}`);
  }
}

async function handleAll(keys: readonly string[]): Promise<number> {
  const waiting = [...keys];
  let handled = 0;
  const consumer = async () => {
    for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
      const claim = { key, token: claimToken('worker'), leaseMs: 30_000, ttlMs: 60_000 };
      const answer = await store.claim(claim);
      if (answer.outcome === 'in-progress') {
        // The other worker may fail yet: asked again later, never dropped.
        waiting.push(key);
        await delay(1);
      } else if (answer.outcome === 'acquired') {
        await client.incr(`effect:${key}`);
        handled++;
        await store.complete(claim);
      }
    }
  };
  await Promise.all(Array.from({ length: 32 }, consumer));
  return handled;
}
