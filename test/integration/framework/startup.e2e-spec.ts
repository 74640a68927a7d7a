import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import {
  ActiveMqConnection,
  type ActiveMqModuleOptions,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessagingTemplate,
} from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

function listenerOn(destination: string, selector?: string) {
  const heard: unknown[] = [];
  @Injectable()
  class Orders {
    @JmsListener({ id: 'orders', destination, selector })
    handle(order: unknown): void {
      heard.push(order);
    }
  }
  return { Orders, heard };
}

/** A broker that is out of reach until the proxy is repaired. */
async function lateBroker(options: ActiveMqModuleOptions = {}) {
  const proxy = await bench.proxy();
  proxy.break();
  return {
    proxy,
    options: { brokerUrl: `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=10&maxReconnectDelay=50`, ...options },
  };
}

describe("startup 'background'", () => {
  it('is the default: the application starts, connects and subscribes when there is a broker, and sends what was sent before', async () => {
    const { Orders, heard } = listenerOn(bench.queue());
    const { proxy, options } = await lateBroker();
    const app = await bench.app({ providers: [Orders], options: { ...options, startup: undefined } });
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainer('orders')!;
    expect([app.get(ActiveMqConnection).state, container.state]).toEqual(['connecting', 'starting']);
    const sent = app.get(JmsMessagingTemplate).convertAndSend(container.destination, 'x');
    proxy.repair();
    await sent;
    await vi.waitFor(() => expect(heard).toEqual(['x']), 10_000);
    expect([app.get(ActiveMqConnection).state, container.state]).toEqual(['connected', 'running']);
  });

  it('ends cleanly without ever having met a broker', async () => {
    const { Orders } = listenerOn(bench.queue());
    const { options } = await lateBroker({ startup: 'background' });
    const app = await bench.app({ providers: [Orders], options });
    const send = app.get(JmsMessagingTemplate).convertAndSend('orders', 'x');
    const [outcome] = await Promise.all([Promise.allSettled([send]), app.close()]);
    expect(outcome).toMatchObject([{ status: 'rejected', reason: { name: 'SendError', outcome: 'not-sent' } }]);
  });

  it('gives a send its own time-out while there is no broker', async () => {
    const { options } = await lateBroker({ startup: 'background' });
    const app = await bench.app({ options });
    const send = app.get(JmsMessagingTemplate).convertAndSend('orders', 'x', { sendTimeout: 50 });
    await expect(send).rejects.toMatchObject({
      name: 'SendError',
      outcome: 'not-sent',
      message: expect.stringContaining('within 50 ms') as string,
    });
  });
});

describe("startup 'wait'", () => {
  it('holds the start until the listeners are subscribed', async () => {
    const { Orders } = listenerOn(bench.queue());
    const { proxy, options } = await lateBroker({ startup: 'wait' });
    const app = await bench.build({ providers: [Orders], options });
    const started = vi.fn();
    const start = app.init().then(started);
    await vi.waitFor(() => expect(app.get(ActiveMqConnection).state).toBe('connecting'), 10_000);
    expect(started).not.toHaveBeenCalled();
    proxy.repair();
    await start;
    expect(app.get(JmsListenerEndpointRegistry).isRunning('orders')).toBe(true);
  });

  it('can be ended while it waits', async () => {
    const { options } = await lateBroker({ startup: 'wait' });
    const app = await bench.build({ options });
    const start = Promise.allSettled([app.init()]);
    await vi.waitFor(() => expect(app.get(ActiveMqConnection).state).toBe('connecting'), 10_000);
    await app.get(ActiveMqConnection).close(0);
    expect(await start).toMatchObject([
      { status: 'rejected', reason: { message: expect.stringMatching(/connection is closed/) as string } },
    ]);
  });

  it('fails for a selector that only the broker could read, and does not, naming the listener', async () => {
    const queue = bench.queue();
    const good = listenerOn(queue);
    @Injectable()
    class Bad {
      @JmsListener({ destination: queue, selector: 'NOFUNCTION(currency) = 5' })
      handle(_order: string): void {}
    }
    const app = await bench.build({ providers: [good.Orders, Bad] });
    await expect(app.init()).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringMatching(/^Listener 'Bad\.handle' could not subscribe to queue:\/\/orders.*NOFUNCTION/) as string,
    });
  });
});

describe("startup 'fail'", () => {
  it('fails without a broker, naming every address', async () => {
    const { proxy, options } = await lateBroker({ startup: 'fail' });
    const app = await bench.build({ options });
    await expect(app.init()).rejects.toMatchObject({
      name: 'ConnectError',
      message: expect.stringContaining(`stomp://127.0.0.1:${proxy.port}`) as string,
    });
  });

  it('starts with one', async () => {
    const { Orders, heard } = listenerOn(bench.queue());
    const app = await bench.app({ providers: [Orders], options: { startup: 'fail' } });
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainer('orders')!;
    expect(container.state).toBe('running');
    await app.get(JmsMessagingTemplate).convertAndSend(container.destination, 'x');
    await vi.waitFor(() => expect(heard).toEqual(['x']), 10_000);
  });

  it('fails, and does not hang, when the client id is taken', async () => {
    const clientId = bench.queue('shop');
    const topic = `topic://${bench.queue('prices')}`;
    const parts = { providers: [listenerOn(topic).Orders], options: { clientId, startup: 'fail' as const } };
    await bench.app(parts);
    const second = await bench.build(parts);
    await expect(second.init()).rejects.toMatchObject({
      name: 'ConnectError',
      message: expect.stringMatching(`Listener 'orders' could not subscribe to ${topic}.*${clientId} already connected`) as string,
    });
  });
});
