import 'reflect-metadata';
import { Injectable, Logger, type LoggerService, type Type } from '@nestjs/common';
import {
  ActiveMqConnection,
  type ActiveMqModuleOptions,
  type DeliveryOutcome,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessagingTemplate,
} from 'nestjs-activemq';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Bench } from './framework.fixture.js';

// The rights of all entries that match are added up: an entry for every queue would open the forbidden ones.
const RIGHTS = `<authorizationPlugin><map><authorizationMap><authorizationEntries>
  <authorizationEntry queue="orders.>" read="users,admins" write="users,admins" admin="users,admins"/>
  <authorizationEntry queue="ActiveMQ.>" read="users,admins" write="users,admins" admin="users,admins"/>
  <authorizationEntry topic=">" read="users,admins" write="users,admins" admin="users,admins"/>
  <authorizationEntry queue="forbidden.>" read="admins" write="admins" admin="admins"/>
</authorizationEntries></authorizationMap></map></authorizationPlugin>`;
const PASSWORD = 'S3cr3t-äß:/%pass';
const bench = Bench.forFile({
  broker: {
    users: [
      { username: 'admin', password: 'adm1n', groups: 'admins,users' },
      { username: 'shop', password: PASSWORD, groups: 'users' },
    ],
    plugins: [RIGHTS],
  },
});
const shop = (): ActiveMqModuleOptions => ({ user: 'shop', password: PASSWORD });

/** Everything any logger was given, at every level. */
class Recorder implements LoggerService {
  readonly lines: string[] = [];
  readonly #write = (...parts: unknown[]): void => void this.lines.push(parts.map((part) => inspect(part, { depth: 10 })).join(' '));
  readonly log = this.#write;
  readonly error = this.#write;
  readonly warn = this.#write;
  readonly debug = this.#write;
  readonly verbose = this.#write;
  readonly fatal = this.#write;
}

let recorder: Recorder;
beforeEach(() => {
  recorder = new Recorder();
  Logger.overrideLogger(recorder);
});
afterEach(() => Logger.overrideLogger(false));

function listenerOn(destination: string) {
  const heard: unknown[] = [];
  @Injectable()
  class Orders {
    @JmsListener({ id: 'orders', destination, redelivery: { maximumRedeliveries: 1, initialRedeliveryDelay: 1 } })
    handle(order: unknown): void {
      heard.push(order);
      if (order !== 'x') throw new Error('no');
    }
  }
  return { Orders, heard };
}

/** Starts an application with a logger of its own; `createNestApplication` would replace the recorder. */
function app(options: ActiveMqModuleOptions, Listener?: Type) {
  return bench.app({ options: { ...options, logger: recorder }, providers: Listener ? [Listener] : [] });
}

describe('credentials', () => {
  it.each<[string, () => ActiveMqModuleOptions]>([
    ['as options', shop],
    ['with a password asked for at each connect', () => ({ user: 'shop', password: async () => Promise.resolve(PASSWORD) })],
    ['in the URL', () => ({ brokerUrl: `stomp://shop:${encodeURIComponent(PASSWORD)}@127.0.0.1:${bench.port}` })],
  ])('are taken %s, and stand in no line of the log', async (_, options) => {
    const { Orders, heard } = listenerOn(bench.queue());
    const running = await app(options(), Orders);
    const container = running.get(JmsListenerEndpointRegistry).getListenerContainer('orders')!;
    await running.get(JmsMessagingTemplate).convertAndSend(container.destination, 'x');
    await vi.waitFor(() => expect(heard).toEqual(['x']), 10_000);
    expect(running.get(ActiveMqConnection).brokerUri).toBe(`stomp://127.0.0.1:${bench.port}`);
    await running.close();
    expect(recorder.lines.length).toBeGreaterThan(0);
    expectNoSecret(recorder.lines.join('\n'));
  });

  it.each<[string, () => ActiveMqModuleOptions]>([
    ['options', () => ({ user: 'shop', password: `${PASSWORD}x` })],
    ['the URL', () => ({ brokerUrl: `stomp://shop:${encodeURIComponent(PASSWORD)}x@127.0.0.1:${bench.port}` })],
  ])('that are wrong, from %s: the error names the user, never the password', async (_, options) => {
    const error = await app({ ...options(), startup: 'fail' }).then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).toMatch(/User name \[shop\] or password is invalid/);
    expectNoSecret(inspect(error, { depth: 10, showHidden: true }), recorder.lines.join('\n'));
  });
});

describe('what the broker does not allow', () => {
  it('of a reply is a failed attempt: the handler runs again, and the message is dead-lettered, not acknowledged', async () => {
    const queue = bench.queue();
    const handled = vi.fn();
    @Injectable()
    class Orders {
      @JmsListener({
        id: 'orders',
        destination: queue,
        sendTo: 'forbidden.receipts',
        redelivery: { maximumRedeliveries: 1, initialRedeliveryDelay: 1 },
      })
      handle(order: string): string {
        handled(order);
        return order;
      }
    }
    const running = await app(shop(), Orders);
    const outcomes: DeliveryOutcome[] = [];
    running.get(JmsListenerEndpointRegistry).outcomes$.subscribe((outcome) => outcomes.push(outcome));
    await running.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    await vi.waitFor(() => expect(outcomes).toHaveLength(2), 10_000);
    const error: unknown = expect.objectContaining({
      name: 'SendError',
      message: expect.stringMatching(/forbidden\.receipts.*not authorized/),
    });
    expect(outcomes).toMatchObject([
      { kind: 'retrying', attempts: 1, error },
      { kind: 'dead-lettered', attempts: 2, error },
    ]);
    expect(handled.mock.calls).toEqual([['x'], ['x']]);
  });

  it('rejects that one send, at once, and the connection lives on', async () => {
    const running = await app(shop());
    const jms = running.get(JmsMessagingTemplate);
    const connection = running.get(ActiveMqConnection);
    const interrupted = vi.fn();
    connection.on('interrupted', interrupted);
    const queue = bench.queue();
    const sends = await Promise.allSettled([
      jms.convertAndSend(queue, 'a'),
      jms.convertAndSend('forbidden.orders', 'b'),
      jms.convertAndSend(queue, 'c'),
    ]);
    expect(sends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(sends[1]).toMatchObject({
      reason: {
        name: 'SendError',
        outcome: 'not-sent',
        retryable: false,
        message: expect.stringMatching(/forbidden\.orders.*shop is not authorized/) as string,
      },
    });
    expect(await (await bench.client('admin', 'adm1n')).bodies(queue)).toEqual(['a', 'c']);
    expect([connection.state, interrupted.mock.calls]).toEqual(['connected', []]);
  });

  it('refuses a subscription: the start fails and names the listener', async () => {
    const { Orders } = listenerOn('forbidden.orders');
    await expect(app(shop(), Orders).then(() => 'started')).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringMatching(
        /^Listener 'orders' could not subscribe to queue:\/\/forbidden\.orders: .*not authorized to read/,
      ) as string,
    });
  });

  it('is tried again in the background: the application, and its other listeners, run; one line tells', async () => {
    const [{ Orders }, other] = [listenerOn('forbidden.orders'), bench.queue()];
    const heard: string[] = [];
    @Injectable()
    class Others {
      @JmsListener({ id: 'others', destination: other })
      handle(order: string): void {
        heard.push(order);
      }
    }
    const options = { ...shop(), startup: 'background' as const, logger: recorder, recoveryInterval: 60_000 };
    const running = await bench.app({ options, providers: [Orders, Others] });
    await running.get(JmsMessagingTemplate).convertAndSend(other, 'x');
    await vi.waitFor(() => expect(heard).toEqual(['x']), 10_000);
    const registry = running.get(JmsListenerEndpointRegistry);
    await vi.waitFor(() => expect(recorder.lines.filter((line) => line.includes('refused the subscription'))).toHaveLength(1), 10_000);
    expect([registry.getListenerContainer('orders')?.state, registry.isRunning('others')]).toEqual(['starting', true]);
  });
});

it('bodies and headers stand in no line of the log, whatever happens to the message', async () => {
  const { Orders } = listenerOn(bench.queue());
  const running = await app(shop(), Orders);
  const container = running.get(JmsListenerEndpointRegistry).getListenerContainer('orders')!;
  const jms = running.get(JmsMessagingTemplate);
  await jms.convertAndSend(container.destination, { iban: 'SECRET-IBAN' }, { headers: { token: 'SECRET-TOKEN' } });
  const client = await bench.client('admin', 'adm1n');
  await client.send(container.destination.replace('queue://', ''), '{"iban":"SECRET-IBAN"', {
    'content-type': 'application/json',
    token: 'SECRET-TOKEN',
  });
  await expect(jms.convertAndSend('forbidden.orders', 'SECRET-IBAN')).rejects.toThrow(/not authorized/);
  await vi.waitFor(() => expect(container.counts.deadLettered).toBe(2), 10_000);
  await running.close();
  const text = recorder.lines.join('\n');
  expect(text).toContain('is dead-lettered');
  expect(text).not.toMatch(/SECRET-/);
});

function expectNoSecret(...texts: readonly string[]): void {
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(PASSWORD).toString('base64'), 'S3cr3t']) {
    for (const text of texts) expect(text).not.toContain(secret);
  }
}
