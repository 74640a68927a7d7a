import 'reflect-metadata';
import { Controller, Injectable, Module } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { BrokerDeadLetterStrategy } from '../delivery/dead-letter/broker-dead-letter-strategy.js';
import { JmsListener } from '../listener/jms-listener.decorator.js';
import { SendTo } from '../listener/send-to.decorator.js';
import type { JmsListenerOptions } from '../listener/jms-listener-options.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { InMemoryIdempotencyStore } from '../idempotency/in-memory-idempotency-store.js';
import { JmsMessagingTemplate } from '../template/jms-messaging.template.js';
import { ActiveMqModule } from './activemq.module.js';
import type { ActiveMqModuleOptions } from './activemq-module-options.js';
import { ConnectionCounter, listenerWith, startErrorOf, startErrorWith } from './misconfiguration.fixture.js';
import { InjectJmsTemplate } from './tokens.js';

const counter = new ConnectionCounter();
let brokerUrl: string;

beforeAll(async () => {
  brokerUrl = await counter.listen();
});
afterEach(() => {
  if (counter.connections > 0) throw new Error(`${counter.connections} connection(s) were attempted before the error`);
});
afterAll(() => counter.close());

/** A ConfigurationError whose message has all the parts. */
function configurationError(...parts: readonly (string | RegExp)[]): object {
  const sources = parts.map((part) => (typeof part === 'string' ? part.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&') : part.source));
  const message: unknown = expect.stringMatching(new RegExp(`^${sources.map((source) => `(?=[^]*${source})`).join('')}`));
  return { name: 'ConfigurationError', code: 'ERR_AMQ_CONFIGURATION', message };
}

it('connects when nothing is wrong: what follows counts connections and finds none', async () => {
  const own = new ConnectionCounter();
  const error = await startErrorWith({ brokerUrl: await own.listen(), startup: 'fail' });
  await own.close();
  expect(error).toMatchObject({ name: 'ConnectError' });
  expect(own.connections).toBeGreaterThan(0);
});

describe('a wrong option of forRoot()', () => {
  it.each<[string, Record<string, unknown>, string | RegExp]>([
    ['brokerUrl', { brokerUrl: '' }, '`brokerUrl` must be a text'],
    ['brokerUrl', { brokerUrl: 5 }, '`brokerUrl` must be a text'],
    ['brokerUrl: scheme', { brokerUrl: 'amqp://localhost' }, /amqp/],
    ['brokerUrl: parameter', { brokerUrl: 'failover:(stomp://127.0.0.1:1)?maxReconectAttempts=1' }, 'maxReconectAttempts'],
    [
      'brokerUrl: no scheme',
      { brokerUrl: 'localhost:61613' },
      'ActiveMqModule.forRoot(): `brokerUrl`: The broker URI is not of the form scheme://host:port; the schemes are stomp, stomp+nio, stomp+ssl, stomp+nio+ssl, ssl, tcp, vm; write stomp://localhost:61613',
    ],
    ['brokerUrl: nio', { brokerUrl: 'nio://a:61616' }, '; write `tcp` for `nio`, with the port of a STOMP connector'],
    ['brokerUrl: auto+ssl', { brokerUrl: 'failover:(tcp://a,auto+ssl://b)' }, '; write `ssl` for `auto+ssl`'],
    [
      'brokerUrl: array',
      { brokerUrl: ['stomp://a', 'stomp://b'] },
      '`brokerUrl` is an array; write one text for all brokers, as in failover:(',
    ],
    [
      'idempotency',
      { idempotency: new InMemoryIdempotencyStore() },
      '`idempotency` is a store; write `idempotency: { store: ... }` with it',
    ],
    ['user', { user: '' }, '`user` must be a text'],
    ['password', { password: 5 }, '`password` must be a text, or a function'],
    ['clientId', { clientId: ' ' }, '`clientId` must be a text'],
    ['tls', { tls: true }, '`tls` must be an object'],
    ['heartbeat', { heartbeat: { outgoing: -1, incoming: 0 } }, '`heartbeat.outgoing` is -1; it must be a number from 0'],
    ['heartbeat.incoming', { heartbeat: { incoming: '5' } }, '`heartbeat.incoming` is "5"'],
    ['heartbeat: unknown', { heartbeat: { outgoin: 5 } }, 'unknown option `outgoin`. Did you mean `outgoing`?'],
    ['heartbeat: number', { heartbeat: 10_000 }, '`heartbeat` of ActiveMqModule.forRoot(): the options are 10000; write an object'],
    ['startup', { startup: 'lazy' }, '`startup` is "lazy"; it must be one of background, wait, fail'],
    ['connectTimeout', { connectTimeout: 0 }, '`connectTimeout` is 0; it must be a number from 1'],
    ['receiptTimeout', { receiptTimeout: '1s' }, '`receiptTimeout` is "1s"'],
    ['recoveryInterval', { recoveryInterval: 0.5 }, '`recoveryInterval` is 0.5'],
    ['sendWindow', { sendWindow: { messages: 0 } }, '`sendWindow.messages` is 0'],
    ['sendWindow.bytes', { sendWindow: { bytes: -1 } }, '`sendWindow.bytes` is -1'],
    ['sendWindow: unknown', { sendWindow: { size: 1 } }, 'unknown option `size`'],
    ['shutdownTimeout', { shutdownTimeout: -1 }, '`shutdownTimeout` is -1'],
    [
      'shutdownTimeout: too long',
      { shutdownTimeout: 2 ** 31 },
      '`shutdownTimeout` is 2147483648; it must be a number from 0 to 2147483647',
    ],
    ['pubSubDomain', { pubSubDomain: 'true' }, '`pubSubDomain` must be true or false'],
    ['listener', { listener: { concurrency: 0 } }, /`listener` of ActiveMqModule\.forRoot\(\): `concurrency` is 0/],
    ['listener: unknown', { listener: { destination: 'x' } }, 'unknown option `destination`'],
    ['listener: array', { listener: [] }, 'the options are an array'],
    ['listeners', { listeners: [] }, '`listeners` must be an object'],
    ['template', { template: { priority: 10 } }, '`template` of ActiveMqModule.forRoot(): `priority` is 10'],
    ['template: unknown', { template: { timeout: 10 } }, 'unknown option `timeout`'],
    ['redelivery', { redelivery: { maximumRedeliveries: -2 } }, '`redelivery` of ActiveMqModule.forRoot(): `maximumRedeliveries` is -2'],
    ['redelivery: unknown', { redelivery: { maxRedeliveries: 2 } }, 'Did you mean `maximumRedeliveries`?'],
    [
      'redelivery: Map',
      { redelivery: new Map([['orders', { maximumRedeliveries: 0 }]]) },
      /`redelivery` of .*: the options are a Map, .*fromEntries/,
    ],
    [
      'redelivery: of another copy of the package',
      { redelivery: new (class RedeliveryPolicyMap {})() },
      /`redelivery` of .*: the options are a RedeliveryPolicyMap, .*another copy of this package/,
    ],
    ['listeners: Map', { listeners: new Map([['orders', { prefetch: 1 }]]) }, '`listeners` is a Map'],
    ['messageConverter', { messageConverter: { toMessage: () => 1 } }, '`messageConverter` has no method fromMessage()'],
    ['placeholders', { placeholders: { a: 'b' } }, '`placeholders` must be a function'],
    ['logger', { logger: { log: () => 1 } }, '`logger` has no method warn()'],
    ['timers', { timers: { setTimeout: () => 1 } }, '`timers` has no method clearTimeout()'],
    ['name', { name: ' ' }, '`name` must be a text'],
    ['unknown', { brokerURL: 'x' }, 'unknown option `brokerURL`. Did you mean `brokerUrl`?'],
  ])('%s', async (_, wrong, why) => {
    const error = await startErrorOf(() => [ActiveMqModule.forRoot({ brokerUrl, ...wrong })]);
    expect(error).toMatchObject(configurationError(why));
  });

  it.each([[null], ['stomp://127.0.0.1:1'], [[]]])('no object of options: %j', async (options) => {
    expect(await startErrorOf(() => [ActiveMqModule.forRoot(options as never)])).toMatchObject(
      configurationError('ActiveMqModule.forRoot()', 'write an object'),
    );
  });

  it('says which connection it is of', async () => {
    const error = await startErrorOf(() => [ActiveMqModule.forRoot({ name: 'billing', brokerUrl, shutdownTimeout: -1 })]);
    expect(error).toMatchObject(configurationError("ActiveMqModule.forRoot() of connection 'billing': `shutdownTimeout` is -1"));
  });

  it('names the connection that is missing where its template is injected', async () => {
    @Injectable()
    class Orders {
      constructor(@InjectJmsTemplate('billing') readonly billing: JmsMessagingTemplate) {}
    }
    await expect(startErrorOf(() => [ActiveMqModule.forRoot({ brokerUrl })], [Orders])).rejects.toThrow(
      /JmsMessagingTemplate of ActiveMqModule\.forRoot\(\{ name: 'billing' \}\)/,
    );
  });

  it('never shows a password', async () => {
    const error = await startErrorWith({ brokerUrl: 'stomp://bob:s3cret@127.0.0.1:1?nonsense=1', password: 's3cret' });
    expect(error).toMatchObject(configurationError('nonsense'));
    expect(`${(error as Error).message}${(error as Error).stack ?? ''}`).not.toContain('s3cret');
  });

  it.each([
    ['default', () => [ActiveMqModule.forRoot({ brokerUrl }), ActiveMqModule.forRoot({ brokerUrl, clientId: 'b' })]],
    ['billing', () => [ActiveMqModule.forRoot({ name: 'billing', brokerUrl }), ActiveMqModule.forRoot({ name: 'billing', brokerUrl })]],
  ])("two connections named '%s'", async (name, imports) => {
    expect(await startErrorOf(imports)).toMatchObject(configurationError(`Two connections are named '${name}'`, 'a `name` of its own'));
  });
});

describe('a wrong option of forRootAsync()', () => {
  class Options {
    createActiveMqOptions(): ActiveMqModuleOptions {
      return { brokerUrl };
    }
  }

  it.each<[string, Record<string, unknown>, string]>([
    ['no source', {}, 'needs exactly one of `useFactory`, `useClass` and `useExisting`'],
    ['two sources', { useFactory: () => ({}), useClass: Options }, 'needs exactly one of'],
    ['no function', { useFactory: { brokerUrl: 'x' } }, '`useFactory` must be a function'],
    ['no class', { useClass: 'Options' }, '`useClass` must be a function'],
    ['unknown', { useFactory: () => ({}), injects: [] }, 'unknown option `injects`. Did you mean `inject`?'],
    ['options beside it', { useFactory: () => ({}), brokerUrl: 'x' }, 'unknown option `brokerUrl`'],
    ['nothing made', { useFactory: () => undefined }, 'the options are undefined; write an object'],
    ['nothing made later', { useFactory: () => Promise.resolve(null) }, 'the options are null; write an object'],
    [
      'a name inside',
      { useFactory: () => ({ name: 'billing' }) },
      "the options say the name is 'billing'; with forRootAsync the name stands beside",
    ],
    ['a wrong option made', { useFactory: () => ({ startup: 'lazy' }) }, '`startup` is "lazy"'],
  ])('%s', async (_, options, why) => {
    expect(await startErrorOf(() => [ActiveMqModule.forRootAsync(options)])).toMatchObject(configurationError(why));
  });
});

describe('a wrong option of @JmsListener', () => {
  it.each<[string, Partial<JmsListenerOptions> | Record<string, unknown>, string]>([
    ['destination', { destination: '' }, '`destination` must be a text'],
    ['destination: prefix', { destination: '/orders' }, '`destination`: Destination "/orders" has an unknown prefix; the known ones are'],
    ['destination: options', { destination: 'orders?consumer.prefetchSize=1' }, 'use the options of the listener'],
    ['destination: placeholder', { destination: '${orders.queue}' }, 'the placeholder ${orders.queue} has no value; set `placeholders`'],
    ['selector', { selector: '' }, '`selector` must be a text'],
    [
      'selector: syntax',
      { selector: 'region =' },
      '`selector`: The selector "region =" is invalid at character 9: expected a value but found the end. Write it as JMS does',
    ],
    ['concurrency', { concurrency: 'many' }, '`concurrency` is "many"; write a number, or "lower-upper"'],
    ['prefetch', { prefetch: 0 }, '`prefetch` is 0; it must be a number from 1'],
    ['prefetch below concurrency', { prefetch: 1, concurrency: 2 }, 'some slots would never get a message'],
    ['ackMode', { ackMode: 'client' }, '`ackMode` is "client"; it must be one of auto, manual, transacted'],
    ['subscription on a queue', { subscription: 's' }, 'write the destination as topic://name'],
    ['subscription without clientId', { destination: 'topic://a', subscription: 's' }, 'needs `clientId` in the connection'],
    ['exclusive', { exclusive: 'yes' }, '`exclusive` must be true or false'],
    ['priority', { priority: -1 }, '`priority` is -1; it must be a number from 0 to 127'],
    ['autoStartup', { autoStartup: 0 }, '`autoStartup` must be true or false'],
    ['redelivery', { redelivery: { redeliveryDelay: -1 } }, '`redeliveryDelay` is -1'],
    ['redelivery: unknown', { redelivery: { maxAttempts: 1 } }, 'unknown option `maxAttempts`'],
    [
      'redelivery of a topic',
      { destination: 'topic://a', redelivery: { mode: 'broker' } },
      "`mode: 'broker'` would have ActiveMQ's redeliveryPlugin",
    ],
    [
      'deadLetter of a topic',
      { destination: 'topic://a', deadLetter: new BrokerDeadLetterStrategy() },
      'with a BrokerDeadLetterStrategy dead letters of the topic would be lost',
    ],
    ['connection', { connection: 'billing' }, "names the connection 'billing', which does not exist; the connections are default"],
    ['unknown', { destinaton: 'x' }, 'unknown option `destinaton`. Did you mean `destination`?'],
  ])('%s', async (_, wrong, why) => {
    expect(await startErrorWith({ brokerUrl }, wrong)).toMatchObject(configurationError(why, "'Orders.handle'"));
  });

  it('is found while no broker answers, also when the start waits for one', async () => {
    expect(await startErrorWith({ brokerUrl, startup: 'wait' }, { concurrency: 0 })).toMatchObject(
      configurationError('`concurrency` is 0'),
    );
  });

  it('is found before any connection of the application is tried', async () => {
    const imports = () => [ActiveMqModule.forRoot({ brokerUrl }), ActiveMqModule.forRoot({ name: 'billing', brokerUrl })];
    expect(await startErrorOf(imports, [listenerWith({ connection: 'billing', prefetch: -1 })])).toMatchObject(
      configurationError('`prefetch` is -1'),
    );
  });

  it.each([[''], [7]])('id %j', async (id) => {
    expect(await startErrorWith({ brokerUrl }, { id: id as never })).toMatchObject(
      configurationError('@JmsListener on Orders.handle: `id` must be a text'),
    );
  });

  it('the same id twice', async () => {
    const providers = [listenerWith({ id: 'orders' }), listenerWith({ id: 'orders' })];
    expect(await startErrorOf(() => [ActiveMqModule.forRoot({ brokerUrl })], providers)).toMatchObject(
      configurationError("Two listeners have the id 'orders' (Orders.handle and Orders.handle)", 'an `id` of its own'),
    );
  });

  it('a class provided in two modules', async () => {
    const Orders = listenerWith({});
    @Module({ providers: [Orders] })
    class Other {}
    const error = await startErrorOf(() => [ActiveMqModule.forRoot({ brokerUrl }), Other], [Orders]);
    expect(error).toMatchObject(configurationError("Two listeners have the id 'Orders.handle'", 'provide its class in one module only'));
  });

  it('on a controller', async () => {
    @Controller()
    class OrdersController {
      @JmsListener('orders')
      handle(): void {}
    }
    @Module({ controllers: [OrdersController] })
    class Other {}
    const error = await startErrorOf(() => [ActiveMqModule.forRoot({ brokerUrl }), Other]);
    expect(error).toMatchObject(
      configurationError('@JmsListener on OrdersController.handle', 'is a controller', 'Move the method to a provider'),
    );
  });

  it.each([
    ['@SendTo', SendTo('receipts')],
    ['@Idempotent', Idempotent()],
  ])('%s without it', async (name, decorator) => {
    @Injectable()
    class Orders {
      @decorator
      handle(_order: unknown): void {}
    }
    expect(await startErrorOf(() => [ActiveMqModule.forRoot({ brokerUrl })], [Orders])).toMatchObject(
      configurationError(`${name} on Orders.handle does nothing`, 'Add @JmsListener(destination), or remove'),
    );
  });

  it('a parameter that nothing fills', async () => {
    @Injectable()
    class Orders {
      @JmsListener('orders')
      handle(_order: unknown, _currency: string): void {}
    }
    const error = await startErrorOf(() => [ActiveMqModule.forRoot({ brokerUrl })], [Orders]);
    expect(error).toMatchObject(
      configurationError(
        "Listener 'Orders.handle'",
        'nothing fills parameter 2 of the method (the first is 1); decorate it with @Payload()',
      ),
    );
  });
});

describe('a wrong override in `listeners`', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['of nobody', { 'Orders.handel': { concurrency: 2 } }, 'no listener of this connection has that id; the listeners are Orders.handle'],
    ['of its id', { 'Orders.handle': { id: 'x' } }, '`id` cannot be overridden'],
    ['of its connection', { 'Orders.handle': { connection: 'x' } }, '`connection` cannot be overridden'],
    ['of no option', { 'Orders.handle': { concurency: 2 } }, 'unknown option `concurency`'],
    ['of a wrong value', { 'Orders.handle': { concurrency: -2 } }, '`concurrency` is -2'],
    ['of no object', { 'Orders.handle': 5 }, 'the options are 5; write an object'],
  ])('%s', async (_, listeners, why) => {
    expect(await startErrorWith({ brokerUrl, listeners: listeners as never })).toMatchObject(configurationError(why, 'Orders.hand'));
  });
});
