import 'reflect-metadata';
import { type INestApplication, Injectable } from '@nestjs/common';
import { JmsListener, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { countsOf, deadLetters, FAST, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';
import type { TcpProxy } from './tcp-proxy.fixture.js';

const bench = Bench.forFile();

/** A listener in `transacted` mode that sends what it gets to `out` and then runs `afterwards`. */
async function forwarding(afterwards: (message: JmsMessage, jms: JmsMessagingTemplate) => unknown, parts: Forwarding = {}) {
  const [queue, out] = [bench.queue('in'), bench.queue('out')];
  const { concurrency = 1, proxy } = parts;
  @Injectable()
  class Forwarder {
    constructor(private readonly jms: JmsMessagingTemplate) {}

    @JmsListener({ destination: queue, ackMode: 'transacted', concurrency, redelivery: FAST })
    async handle(message: JmsMessage): Promise<void> {
      await this.jms.convertAndSend(out, message.text());
      await afterwards(message, this.jms);
    }
  }
  const options = proxy && { brokerUrl: `failover:(stomp://127.0.0.1:${proxy.port})?initialReconnectDelay=10` };
  const app: INestApplication = await bench.app({ providers: [Forwarder], options });
  return { app, queue, out, jms: app.get(JmsMessagingTemplate), client: await bench.client() };
}

interface Forwarding {
  readonly concurrency?: number;
  readonly proxy?: TcpProxy;
}

describe("ackMode 'transacted'", () => {
  it('does both when the handler succeeds: what it sent is there, what it got is gone; before that nobody sees either', async () => {
    const during: (readonly string[])[] = [];
    const { app, queue, out, jms, client } = await forwarding(async () => during.push(await client.bodies(out)));
    await jms.convertAndSend(queue, 'x');
    await until(() => expect(countsOf(app).acknowledged).toBe(1));
    expect(during).toEqual([[]]);
    expect([await client.bodies(queue), await client.bodies(out)]).toEqual([[], ['x']]);
  });

  it('does neither when the handler throws: no attempt leaves anything, and the dead letter is the message as it was', async () => {
    const counts: number[] = [];
    const { app, queue, out, jms, client } = await forwarding(({ deliveryCount }) => {
      counts.push(deliveryCount);
      throw new Error('no');
    });
    const { idempotencyKey } = await jms.convertAndSend(queue, 'x');
    await until(() => expect(countsOf(app).deadLettered).toBe(1));
    expect(counts).toEqual([1, 2, 3]);
    expect([await client.bodies(queue), await client.bodies(out)]).toEqual([[], []]);
    expect((await deadLetters(bench, idempotencyKey)).map(({ headers }) => headers['deliveryCount'])).toEqual(['3']);
  });

  it('sends once what fails first and succeeds then', async () => {
    const { app, queue, out, jms, client } = await forwarding(({ deliveryCount }) => {
      if (deliveryCount < 3) throw new Error('not yet');
    });
    await jms.convertAndSend(queue, 'x');
    await until(() => expect(countsOf(app)).toMatchObject({ acknowledged: 1, redeliveries: 2 }));
    expect([await client.bodies(queue), await client.bodies(out)]).toEqual([[], ['x']]);
  });

  it('does neither when the connection is cut before COMMIT: the message comes again, and is handled in full', async () => {
    const proxy = await bench.proxy();
    const runs: boolean[] = [];
    let betweenRuns: readonly string[] | undefined;
    const { app, queue, out, client } = await forwarding(
      async ({ redelivered }) => {
        runs.push(redelivered);
        if (runs.length === 1) proxy.cut();
        else betweenRuns = await client.bodies(out);
      },
      { proxy },
    );
    // Not through the proxy: a send whose receipt is cut off is sent again.
    await client.send(queue, 'x');
    await until(() => expect(countsOf(app)).toMatchObject({ acknowledged: 1, released: 1, redeliveries: 0 }));
    expect([runs, betweenRuns]).toEqual([[false, true], []]);
    expect([await client.bodies(queue), await client.bodies(out)]).toEqual([[], ['x']]);
  });

  it('lets nothing escape that is sent after the cut', async () => {
    const proxy = await bench.proxy();
    const failures: unknown[] = [];
    let isFirst = true;
    const { app, queue, out, client } = await forwarding(
      async (message, template) => {
        if (!isFirst) return;
        isFirst = false;
        proxy.cut();
        // The handler does not even look at the failure.
        await template.convertAndSend(out, `${message.text()} late`).catch((error: unknown) => failures.push(error));
      },
      { proxy },
    );
    // Not through the proxy: a send whose receipt is cut off is sent again.
    await client.send(queue, 'x');
    await until(() => expect(countsOf(app).acknowledged).toBe(1));
    expect(failures).toHaveLength(1);
    expect([await client.bodies(queue), await client.bodies(out)]).toEqual([[], ['x']]);
  });

  it('keeps slots apart: each message of three at a time is forwarded once, the bad ones leave nothing', async () => {
    const { app, queue, out, jms, client } = await forwarding(
      (message) => {
        if (message.text().endsWith('bad')) throw new Error('no');
      },
      { concurrency: 3 },
    );
    const bodies = Array.from({ length: 30 }, (_, n) => (n % 5 === 0 ? `${n} bad` : `${n}`));
    await Promise.all(bodies.map((body) => jms.convertAndSend(queue, body)));
    await until(() => expect(countsOf(app)).toMatchObject({ acknowledged: 24, deadLettered: 6 }));
    expect(await client.bodies(queue)).toEqual([]);
    expect((await client.bodies(out)).toSorted()).toEqual(bodies.filter((body) => !body.endsWith('bad')).toSorted());
  });

  it('leaves out of the transaction what is sent outside of it on purpose', async () => {
    const audit = bench.queue('audit');
    const { app, queue, out, jms, client } = await forwarding(async (message, template) => {
      await template.withoutTransaction(() => template.convertAndSend(audit, `tried ${message.deliveryCount}`));
      throw new Error('no');
    });
    await jms.convertAndSend(queue, 'x');
    await until(() => expect(countsOf(app).deadLettered).toBe(1));
    expect([await client.bodies(out), await client.bodies(audit)]).toEqual([[], ['tried 1', 'tried 2', 'tried 3']]);
  });
});
