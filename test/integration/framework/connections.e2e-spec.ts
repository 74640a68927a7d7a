import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import {
  ActiveMqConnection,
  ActiveMqModule,
  type ActiveMqModuleOptions,
  getActiveMqConnectionToken,
  getJmsTemplateToken,
  InjectActiveMqConnection,
  InjectJmsTemplate,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessagingTemplate,
} from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();
const here = (): ActiveMqModuleOptions => ({ brokerUrl: bench.cluster.brokerUrl, startup: 'wait' });

/** A listener and what it heard. */
function listenerOn(destination: string, connection?: string) {
  const heard: unknown[] = [];
  @Injectable()
  class Orders {
    @JmsListener({ id: `orders-${connection ?? 'default'}`, destination, connection })
    handle(order: unknown): void {
      heard.push(order);
    }
  }
  return { Orders, heard };
}

describe('several connections', () => {
  it('have their own template, settings and listeners, and one registry', async () => {
    const queue = bench.queue();
    const [first, second] = [listenerOn(queue), listenerOn(`${queue}.billing`, 'billing')];
    @Injectable()
    class Sender {
      constructor(
        readonly jms: JmsMessagingTemplate,
        @InjectJmsTemplate('billing') readonly billing: JmsMessagingTemplate,
        readonly connection: ActiveMqConnection,
        @InjectActiveMqConnection('billing') readonly billingConnection: ActiveMqConnection,
      ) {}
    }
    const imports = [ActiveMqModule.forRoot({ ...here(), name: 'billing', template: { priority: 9 } })];
    const app = await bench.app({ imports, providers: [first.Orders, second.Orders, Sender] });
    const { jms, billing, connection, billingConnection } = app.get(Sender);
    expect(billing).not.toBe(jms);
    expect([connection.name, billingConnection.name]).toEqual(['default', 'billing']);
    expect([app.get(getJmsTemplateToken('billing')), app.get(getActiveMqConnectionToken('billing'))]).toEqual([billing, billingConnection]);
    await jms.convertAndSend(queue, 'a');
    await billing.convertAndSend(`${queue}.billing`, 'b');
    await vi.waitFor(() => expect([first.heard, second.heard]).toEqual([['a'], ['b']]), 10_000);
    expect(
      app
        .get(JmsListenerEndpointRegistry)
        .getListenerContainerIds()
        .toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['orders-billing', 'orders-default']);
    await billing.convertAndSend(bench.queue('out'), 'x');
    const out = bench.queue('out');
    await billing.convertAndSend(out, 'x');
    expect((await (await bench.client()).browse(out))[0]?.headers['priority']).toBe('9');
  });
});

describe('two applications in one process', () => {
  it('share nothing: each has its listeners, and one can end while the other goes on', async () => {
    const [a, b] = [listenerOn(bench.queue('a')), listenerOn(bench.queue('b'))];
    const one = await bench.app({ providers: [a.Orders] });
    const two = await bench.app({ providers: [b.Orders] });
    const registries = [one, two].map((app) => app.get(JmsListenerEndpointRegistry));
    expect(registries[0]).not.toBe(registries[1]);
    expect(one.get(ActiveMqConnection)).not.toBe(two.get(ActiveMqConnection));
    await one.close();
    const container = registries[1]!.getListenerContainer('orders-default')!;
    expect(container.state).toBe('running');
    await two.get(JmsMessagingTemplate).convertAndSend(container.destination, 'x');
    await vi.waitFor(() => expect(b.heard).toEqual(['x']), 10_000);
    expect([a.heard, two.get(ActiveMqConnection).state]).toEqual([[], 'connected']);
  });
});

describe('forRootAsync()', () => {
  @Injectable()
  class Config {
    options(): ActiveMqModuleOptions {
      return here();
    }
  }
  @Module({ providers: [Config], exports: [Config] })
  class ConfigModule {}
  @Injectable()
  class Options {
    constructor(private readonly config: Config) {}
    async createActiveMqOptions(): Promise<ActiveMqModuleOptions> {
      await Promise.resolve();
      return this.config.options();
    }
  }
  @Module({ imports: [ConfigModule], providers: [Options], exports: [Options] })
  class OptionsModule {}

  it.each([
    ['useFactory', () => ({ imports: [ConfigModule], inject: [Config], useFactory: (config: Config) => config.options() })],
    ['a factory that takes its time', () => ({ useFactory: async () => Promise.resolve(here()) })],
    ['useClass', () => ({ imports: [ConfigModule], useClass: Options })],
    ['useExisting', () => ({ imports: [OptionsModule], useExisting: Options })],
  ])('takes %s', async (_, options) => {
    const { Orders, heard } = listenerOn(bench.queue());
    const app = await bench.app({ hasOwnModule: true, imports: [ActiveMqModule.forRootAsync(options())], providers: [Orders] });
    const [container] = app.get(JmsListenerEndpointRegistry).getListenerContainers();
    await app.get(JmsMessagingTemplate).convertAndSend(container!.destination, 'x');
    await vi.waitFor(() => expect(heard).toEqual(['x']), 10_000);
  });

  it('takes a name beside the factory', async () => {
    const { Orders, heard } = listenerOn(bench.queue(), 'billing');
    const imports = [ActiveMqModule.forRootAsync({ name: 'billing', useFactory: here })];
    const app = await bench.app({ imports, providers: [Orders] });
    const container = app.get(JmsListenerEndpointRegistry).getListenerContainer('orders-billing')!;
    await app.get<JmsMessagingTemplate>(getJmsTemplateToken('billing')).convertAndSend(container.destination, 'x');
    await vi.waitFor(() => expect(heard).toEqual(['x']), 10_000);
  });
});
