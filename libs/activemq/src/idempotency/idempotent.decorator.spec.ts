import 'reflect-metadata';
import { Injectable, UseInterceptors } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { describe, expect, it } from 'vitest';

import { JmsListener } from '../listener/jms-listener.decorator.js';
import { ActiveMqModule } from '../module/activemq.module.js';
import { startErrorOf } from '../module/misconfiguration.fixture.js';
import type { IdempotencyModuleOptions, IdempotentOptions } from './idempotency-options.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { Idempotent } from './idempotent.decorator.js';
import { InMemoryIdempotencyStore } from './in-memory-idempotency-store.js';

const store = new InMemoryIdempotencyStore();

function listenerWith(options: IdempotentOptions) {
  @Injectable()
  class Orders {
    @JmsListener({ destination: 'orders', id: 'orders' })
    @Idempotent(options)
    handle(_order: unknown): void {}
  }
  return Orders;
}

/** Of an application whose broker is in this process. */
async function startError(idempotency: unknown, providers: Parameters<typeof startErrorOf>[1]): Promise<string | undefined> {
  const options = { brokerUrl: 'vm://idempotent', idempotency: idempotency as IdempotencyModuleOptions | undefined };
  return ((await startErrorOf(() => [ActiveMqModule.forRoot(options)], providers)) as Error | undefined)?.message;
}

describe('@Idempotent() at start-up', () => {
  it('is content with a store', async () => {
    expect(await startError({ store }, [listenerWith({ leaseMs: 1_000 })])).toBeUndefined();
  });

  it('needs a store, and says which', async () => {
    expect(await startError(undefined, [listenerWith({})])).toMatch(/there is no store.*redisIdempotencyStore/);
    expect(await startError({}, [listenerWith({})])).toMatch(/`store` has no method claim/);
    expect(await startError({ store: { claim: () => undefined } }, [listenerWith({})])).toMatch(/no method renew, complete, release, ping/);
    expect(await startError('redis', [listenerWith({})])).toMatch(/`idempotency` must be an object/);
  });

  it.each<[IdempotentOptions | Record<string, unknown>, RegExp]>([
    [{ leaseMs: 0 }, /`leaseMs`/],
    [{ leaseMs: -1 }, /`leaseMs`/],
    [{ leaseMs: 1.5 }, /`leaseMs`.*whole/],
    [{ completedTtlMs: 1_000.5 }, /`completedTtlMs`.*whole/],
    [{ leaseMs: 5_000, completedTtlMs: 5_000 }, /`leaseMs` \(5000\) is not below `completedTtlMs` \(5000\)/],
    [{ maxLeaseMs: 29_999 }, /`maxLeaseMs`/],
    [{ onInProgress: 'nack' }, /`onInProgress`.*defer, hold, drop/],
    [{ onStoreError: 'fail' }, /`onStoreError`.*pause, process/],
    [{ onMissingKey: 'skip' }, /`onMissingKey`/],
    [{ onMismatch: 'x' }, /`onMismatch`/],
    [{ storeResult: true }, /`storeResult`/],
    [{ resultLimit: -1 }, /`resultLimit`/],
    [{ requireKey: 'yes' }, /`requireKey`/],
    [{ fingerprint: 'sha256' }, /`fingerprint`/],
    [{ key: 'id' }, /`key` must be a function/],
    [{ scope: '' }, /`scope`/],
    [{ lease: 5 }, /unknown option `lease`. Did you mean `leaseMs`/],
  ])('refuses %j, and names listener and option', async (options, why) => {
    const message = await startError({ store }, [listenerWith(options)]);
    expect(message).toMatch(why);
    expect(message).toMatch(/^@Idempotent\(\) of listener 'orders' \(Orders\.handle\)/);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ ttl: 5 }, /unknown option `ttl`/],
    [{ scope: 'all' }, /unknown option `scope`/],
    [{ storeBudgetMs: -1 }, /`storeBudgetMs`/],
    [{ app: '  ' }, /`app`/],
    [{ instanceId: '' }, /`instanceId`/],
    [{ leaseMs: 90_000_000 }, /`leaseMs`.*`completedTtlMs`/],
  ])('refuses %j in the module, and names it', async (options, why) => {
    const message = await startError({ store, ...options }, [listenerWith({})]);
    expect(message).toMatch(why);
    expect(message).toMatch(/^`idempotency` of ActiveMqModule\.forRoot\(\)/);
  });

  it('a listener may repair by itself what the module cannot say for all', async () => {
    expect(await startError({ store, leaseMs: 1_000 }, [listenerWith({ completedTtlMs: 2_000 })])).toBeUndefined();
    expect(await startError({ store, leaseMs: 3_000 }, [listenerWith({ completedTtlMs: 2_000 })])).toMatch(/'orders'.*`leaseMs`/);
  });
});

describe('what makes a listener idempotent', () => {
  const missingStore = /there is no store/;

  it('the decorator on its class', async () => {
    @Injectable()
    @Idempotent()
    class Orders {
      @JmsListener('orders')
      handle(_order: unknown): void {}
    }
    expect(await startError(undefined, [Orders])).toMatch(missingStore);
  });

  it('the interceptor on its method, on its class, as an instance, global, and a class of its own', async () => {
    class Mine extends IdempotencyInterceptor {}
    @Injectable()
    class OnMethod {
      @JmsListener('orders')
      @UseInterceptors(IdempotencyInterceptor)
      handle(_order: unknown): void {}
    }
    @Injectable()
    @UseInterceptors(Mine)
    class OnClass {
      @JmsListener('orders')
      handle(_order: unknown): void {}
    }
    @Injectable()
    @UseInterceptors(new IdempotencyInterceptor())
    class Instance {
      @JmsListener('orders')
      handle(_order: unknown): void {}
    }
    @Injectable()
    class Plain {
      @JmsListener('orders')
      handle(_order: unknown): void {}
    }
    expect(await startError(undefined, [OnMethod])).toMatch(missingStore);
    expect(await startError(undefined, [OnClass])).toMatch(missingStore);
    expect(await startError(undefined, [Instance])).toMatch(missingStore);
    expect(await startError(undefined, [Plain, { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor }])).toMatch(missingStore);
    expect(await startError(undefined, [Plain])).toBeUndefined();
  });

  it('what stands on the method wins over the class, the class over the module', async () => {
    @Injectable()
    @Idempotent({ leaseMs: 2_000, completedTtlMs: 3_000 })
    class Orders {
      @JmsListener({ destination: 'orders', id: 'orders' })
      @Idempotent({ leaseMs: 5_000 })
      handle(_order: unknown): void {}
    }
    expect(await startError({ store, leaseMs: 1_000 }, [Orders])).toMatch(/`leaseMs` \(5000\).*\(3000\)/);
  });
});
