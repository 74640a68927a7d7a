import 'reflect-metadata';
import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  type Provider,
  type CallHandler,
  Scope,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_GUARD, INQUIRER, REQUEST } from '@nestjs/core';
import { JmsListener, JmsListenerEndpointRegistry, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { deferred } from '../../support/deferred.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const FAST = { maximumRedeliveries: 2, initialRedeliveryDelay: 1, redeliveryDelay: 1 };
let calls: string[] = [];
beforeEach(() => void (calls = []));

@Injectable()
class Prefix {
  readonly text = 'prefix';
}

@Injectable({ scope: Scope.REQUEST })
class Tenant {
  constructor(@Inject(REQUEST) readonly message: JmsMessage) {}
}

const counts = (app: Awaited<ReturnType<typeof bench.app>>) => app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!.counts;

it('each message gets an instance of its own, with its dependencies, and REQUEST is the message', async () => {
  const queue = bench.queue();
  const seen: { instance: object; own: JmsMessage; request: JmsMessage; tenant: JmsMessage; prefix: string }[] = [];
  const both = deferred();
  @Injectable({ scope: Scope.REQUEST })
  class Orders {
    constructor(
      @Inject(REQUEST) private readonly request: JmsMessage,
      private readonly tenant: Tenant,
      private readonly prefix: Prefix,
    ) {}
    @JmsListener({ destination: queue, concurrency: 2 })
    async handle(own: JmsMessage): Promise<void> {
      seen.push({ instance: this, own, request: this.request, tenant: this.tenant.message, prefix: this.prefix.text });
      if (seen.length === 2) both.resolve();
      await both.promise;
    }
  }
  const app = await bench.app({ providers: [Orders, Tenant, Prefix] });
  const jms = app.get(JmsMessagingTemplate);
  await Promise.all([jms.convertAndSend(queue, 'a'), jms.convertAndSend(queue, 'b')]);
  await vi.waitFor(() => expect(counts(app).acknowledged).toBe(2), 10_000);
  expect(new Set(seen.map(({ instance }) => instance)).size).toBe(2);
  expect(seen.map(({ own }) => String(own.payload)).sort()).toEqual(['a', 'b']);
  for (const { own, request, tenant, prefix } of seen) {
    expect(request).toBe(own);
    expect(tenant).toBe(own);
    expect(prefix).toBe('prefix');
  }
});

it('a host is request-scoped when what it depends on is, and each attempt has an instance of its own', async () => {
  const queue = bench.queue();
  const instances = new Set<object>();
  @Injectable()
  class Orders {
    constructor(private readonly tenant: Tenant) {}
    @JmsListener({ destination: queue, redelivery: FAST })
    handle(order: string): void {
      instances.add(this);
      calls.push(`${order} ${this.tenant.message.deliveryCount}`);
      if (instances.size < 3) throw new Error('no');
    }
  }
  const app = await bench.app({ providers: [Orders, Tenant] });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
  await vi.waitFor(() => expect(counts(app).acknowledged).toBe(1), 10_000);
  expect(calls).toEqual(['x 1', 'x 2', 'x 3']);
  expect(instances.size).toBe(3);
});

it('guards and interceptors given as classes hold for request-scoped hosts', async () => {
  const queue = bench.queue();
  const handle = vi.fn();
  @Injectable()
  class NoGuard implements CanActivate {
    constructor(private readonly prefix: Prefix) {}
    canActivate(): boolean {
      calls.push(`guard ${this.prefix.text}`);
      return false;
    }
  }
  @Injectable({ scope: Scope.REQUEST })
  @UseGuards(NoGuard)
  class Orders {
    @JmsListener(queue)
    handle(order: string): void {
      handle(order);
    }
  }
  const app = await bench.app({ providers: [Orders, Prefix] });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
  await vi.waitFor(() => expect(counts(app).deadLettered).toBe(1), 10_000);
  expect(calls).toEqual(['guard prefix']);
  expect(handle).not.toHaveBeenCalled();
});

it('enhancers of request scope hold for hosts that are not', async () => {
  const queue = bench.queue();
  @Injectable({ scope: Scope.REQUEST })
  class TenantGuard implements CanActivate {
    constructor(private readonly tenant: Tenant) {}
    canActivate(): boolean {
      calls.push(`guard ${this.tenant.message.text()}`);
      return true;
    }
  }
  @Injectable({ scope: Scope.REQUEST })
  class TenantInterceptor implements NestInterceptor {
    constructor(@Inject(REQUEST) private readonly message: JmsMessage) {}
    intercept(_: ExecutionContext, next: CallHandler) {
      calls.push(`interceptor ${this.message.text()}`);
      return next.handle();
    }
  }
  @Injectable()
  class Orders {
    @JmsListener(queue)
    @UseGuards(TenantGuard)
    @UseInterceptors(TenantInterceptor)
    handle(order: string): void {
      calls.push(`handle ${order}`);
    }
  }
  const app = await bench.app({ providers: [Orders, Tenant] });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
  await vi.waitFor(() => expect(counts(app).acknowledged).toBe(1), 10_000);
  expect(calls).toEqual(['guard x', 'interceptor x', 'handle x']);
});

describe('a global guard of request scope', () => {
  const handle = vi.fn();
  @Injectable({ scope: Scope.REQUEST })
  class TenantGuard implements CanActivate {
    constructor(private readonly tenant: Tenant) {}
    canActivate(): boolean {
      calls.push(`guard ${this.tenant.message.text()}`);
      return false;
    }
  }
  const queue = bench.queue();
  @Injectable()
  class Orders {
    @JmsListener(queue)
    handle(order: string): void {
      handle(order);
    }
  }
  const guarded = (host: Provider) => bench.app({ providers: [host, Tenant, { provide: APP_GUARD, useClass: TenantGuard }] });

  it('is asked before a listener of any scope', async () => {
    const app = await guarded(Orders);
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(counts(app).deadLettered).toBe(1), 10_000);
    expect(calls).toEqual(['guard x']);
    expect(handle).not.toHaveBeenCalled();
  });

  it('is never skipped without a word: the start is refused where Nest would', async () => {
    const start = guarded({ provide: 'ORDERS', useFactory: () => new Orders() });
    await expect(start.then(() => 'started')).rejects.toThrow(
      /^@JmsListener on Orders\.handle: Nest would skip the global enhancers of request scope.*provide the class/,
    );
  });
});

it('a transient host is refused at start-up: nobody holds an instance of it', async () => {
  @Injectable({ scope: Scope.TRANSIENT })
  class Orders {
    constructor(
      readonly prefix: Prefix,
      @Inject(INQUIRER) readonly inquirer: unknown,
    ) {}
    @JmsListener('never.heard')
    handle(order: string): void {
      calls.push(order);
    }
  }
  await expect(bench.app({ providers: [Orders, Prefix] }).then(() => 'started')).rejects.toThrow(
    /^@JmsListener on Orders\.handle: Orders is of transient scope.*Scope\.REQUEST/,
  );
});

it('a constructor that fails is a failed attempt', async () => {
  const queue = bench.queue();
  let made = 0;
  @Injectable({ scope: Scope.REQUEST })
  class Orders {
    constructor() {
      if (++made < 3) throw new Error('no database');
    }
    @JmsListener({ destination: queue, redelivery: FAST })
    handle(order: string): void {
      calls.push(order);
    }
  }
  const app = await bench.app({ providers: [Orders] });
  await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
  await vi.waitFor(() => expect(counts(app).acknowledged).toBe(1), 10_000);
  expect(calls).toEqual(['x']);
  expect(counts(app).redeliveries).toBe(2);
});
