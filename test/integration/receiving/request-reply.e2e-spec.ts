import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import {
  BrokerError,
  ConnectionClosedError,
  IllegalStateError,
  JmsListener,
  JmsMessage,
  JmsMessagingTemplate,
  JmsReplyError,
  JmsReplyTimeoutError,
  Message,
} from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { describeOnBoth, type ReceivingApp, type ReceivingBench } from './receiving.fixture.js';

type Handler = (request: JmsMessage, reply: (payload: unknown, headers?: Record<string, string>) => Promise<void>) => void | Promise<void>;

/** An application that answers the requests of one queue by hand, as any STOMP or Java peer could. */
async function replier(bench: ReceivingBench, queue: string, handle: Handler): Promise<ReceivingApp> {
  @Injectable()
  class Replier {
    constructor(private readonly jms: JmsMessagingTemplate) {}

    @JmsListener({ destination: queue, concurrency: 10 })
    async handle(@Message() request: JmsMessage): Promise<void> {
      await handle(request, async (payload, headers = {}) => {
        await this.jms.convertAndSend(request.replyTo!, payload, { correlationId: request.correlationId!, headers });
      });
    }
  }
  return bench.app({}, bench.port(), [Replier]);
}

describeOnBoth('convertSendAndReceive', (bench) => {
  it('resolves with the payload of the reply', async () => {
    const queue = bench.queue('prices');
    await replier(bench, queue, (request, reply) => reply({ doubled: (request.payload as { n: number }).n * 2 }));
    const { jms } = await bench.app();
    expect(await jms.convertSendAndReceive(queue, { n: 21 })).toEqual({ doubled: 42 });
    expect([jms.pendingRequests, jms.lateReplies]).toEqual([0, 0]);
  });

  it('gives each of many concurrent requests its own reply, over one temporary queue', async () => {
    const queue = bench.queue('prices');
    const replyTo = new Set<string>();
    await replier(bench, queue, (request, reply) => {
      replyTo.add(request.replyTo!);
      return reply(request.payload);
    });
    const { jms } = await bench.app();
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    expect(await Promise.all(numbers.map((n) => jms.convertSendAndReceive(queue, n)))).toEqual(numbers);
    expect(replyTo.size).toBe(1);
  });

  it('keeps a correlation id of the application beside its own, and gives it back on the reply', async () => {
    const queue = bench.queue('prices');
    const seen: (string | undefined)[] = [];
    await replier(bench, queue, (request, reply) => {
      seen.push(request.correlationId, request.headers['applicationCorrelationId']);
      return reply('ok');
    });
    const { jms } = await bench.app();
    const [one, two] = await Promise.all([1, 2].map(() => jms.sendAndReceive(queue, 'x', { correlationId: 'order-7' })));
    expect([one!.correlationId, two!.correlationId]).toEqual(['order-7', 'order-7']);
    expect(seen.filter((id) => id === 'order-7')).toHaveLength(2);
    expect(new Set(seen).size).toBe(3);
  });

  it('fails when no reply comes in time, and drops one that comes later', async () => {
    const queue = bench.queue('prices');
    let answer!: () => Promise<void>;
    const asked = new Promise<void>((resolve) => {
      void replier(bench, queue, (_, reply) => {
        answer = () => reply('late');
        resolve();
      });
    });
    const { jms } = await bench.app();
    const error = await jms.convertSendAndReceive(queue, 'x', { timeout: 300 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JmsReplyTimeoutError);
    expect(error).toMatchObject({ code: 'ERR_AMQ_REPLY_TIMEOUT', timeout: 300 });
    expect((error as Error).message).toContain(`No reply to a request to /queue/${queue} came within 300 ms`);
    await asked;
    await answer();
    await expect.poll(() => jms.lateReplies).toBe(1);
    expect(jms.pendingRequests).toBe(0);
  });

  it('fails with the error of an error reply', async () => {
    const queue = bench.queue('prices');
    await replier(bench, queue, (_, reply) => reply('', { errorClass: 'NotFoundException', errorMessage: 'no price for a-1' }));
    const { jms } = await bench.app();
    const error = await jms.convertSendAndReceive(queue, 'x').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JmsReplyError);
    expect(error).toMatchObject({ errorClass: 'NotFoundException', errorMessage: 'no price for a-1' });
  });

  it('fails at once when its connection is lost, and works on the next one with a queue of its own', async () => {
    const queue = bench.queue('prices');
    const replyTo: string[] = [];
    let isSilent = true;
    let onRequest!: () => void;
    const asked = new Promise<void>((resolve) => (onRequest = resolve));
    await replier(bench, queue, async (request, reply) => {
      replyTo.push(request.replyTo!);
      onRequest();
      if (!isSilent) await reply('ok');
    });
    const proxy = await bench.proxy();
    const { jms } = await bench.app({}, proxy.port);
    const lost = jms.convertSendAndReceive(queue, 'x', { timeout: 60_000 }).catch((thrown: unknown) => thrown);
    await asked;
    // A round trip behind the receipt of the request: from here on only the reply is waited for.
    await jms.receive(bench.queue('quiet'), { timeout: -1 });
    isSilent = false;
    proxy.cut();
    const error = await lost;
    expect(error).toBeInstanceOf(ConnectionClosedError);
    expect((error as Error).message).toContain('whether the request was handled is unknown');
    expect(await jms.convertSendAndReceive(queue, 'y')).toBe('ok');
    expect(new Set(replyTo).size).toBe(2);
    expect(jms.pendingRequests).toBe(0);
  });

  it('waits for a connection as part of its time', async () => {
    const queue = bench.queue('prices');
    const proxy = await bench.proxy();
    const { jms } = await bench.app({}, proxy.port);
    proxy.break();
    await expect(jms.convertSendAndReceive(queue, 'x', { timeout: 300 })).rejects.toMatchObject({ name: 'SendError', outcome: 'not-sent' });
    await replier(bench, queue, (_, reply) => reply('ok'));
    const waiting = jms.convertSendAndReceive(queue, 'x', { timeout: 30_000 });
    proxy.repair();
    expect(await waiting).toBe('ok');
  });

  it('stops waiting when its signal aborts', async () => {
    const { jms } = await bench.app();
    const stop = new AbortController();
    const waiting = jms.convertSendAndReceive(bench.queue(), 'x', { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(jms.pendingRequests).toBe(0);
  });

  it('refuses more requests than may wait', async () => {
    const { jms, close } = await bench.app({ template: { maxPendingRequests: 2 } });
    const queue = bench.queue();
    const waiting = [1, 2].map((n) => jms.convertSendAndReceive(queue, n).catch((thrown: unknown) => thrown));
    await expect(jms.convertSendAndReceive(queue, 3)).rejects.toThrow(IllegalStateError);
    expect(jms.pendingRequests).toBe(2);
    await close();
    for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(ConnectionClosedError);
  });

  it('refuses options that a request decides by itself, and a bad destination, before anything is sent', async () => {
    const { jms } = await bench.app();
    await expect(jms.convertSendAndReceive('q', 'x', { replyTo: 'r' } as object)).rejects.toThrow(
      "`replyTo` is the request's own temporary queue",
    );
    await expect(jms.convertSendAndReceive('q', 'x', { sendTimeout: 5 } as object)).rejects.toThrow('`sendTimeout` is unknown');
    await expect(jms.convertSendAndReceive('q', 'x', { confirm: false } as object)).rejects.toThrow('`confirm` cannot be set');
    await expect(jms.convertSendAndReceive('', 'x')).rejects.toThrow('empty name');
  });
});

describeOnBoth(
  'convertSendAndReceive without the right to send',
  (bench) => {
    it('fails with what the broker refuses', async () => {
      const { jms } = await bench.app({ user: 'app', password: 'secret' });
      await expect(jms.convertSendAndReceive('forbidden', 'x')).rejects.toThrow(BrokerError);
    });
  },
  {
    real: {
      broker: {
        users: [{ username: 'app', password: 'secret', groups: 'apps' }],
        plugins: [
          `<authorizationPlugin><map><authorizationMap><authorizationEntries>
            <authorizationEntry queue="&gt;" read="admins" write="admins" admin="admins"/>
            <authorizationEntry topic="&gt;" read="apps" write="apps" admin="apps"/>
          </authorizationEntries><tempDestinationAuthorizationEntry><tempDestinationAuthorizationEntry read="apps" write="apps" admin="apps"/></tempDestinationAuthorizationEntry></authorizationMap></map></authorizationPlugin>`,
        ],
      },
    },
    embedded: {
      user: 'app',
      password: 'secret',
      authorize: (_, action, destination) => !destination.startsWith('queue://forbidden') || action === 'read',
    },
  },
);
