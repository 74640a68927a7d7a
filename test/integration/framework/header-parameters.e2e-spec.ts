import 'reflect-metadata';
import { DefaultValuePipe, Injectable, ParseIntPipe } from '@nestjs/common';
import { Header, JmsListener, JmsMessagingTemplate } from 'nestjs-activemq';
import { expect, it, vi } from 'vitest';

import { countsOf } from './enhancers.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

it('@Header with DefaultValuePipe has a default, which the pipes behind it see', async () => {
  const queue = bench.queue();
  const received: unknown[] = [];
  @Injectable()
  class Orders {
    @JmsListener(queue)
    handle(
      _order: string,
      @Header('region', new DefaultValuePipe('EU')) region: string,
      @Header('amount', new DefaultValuePipe('1'), ParseIntPipe) amount: number,
    ): void {
      received.push([region, amount]);
    }
  }
  const app = await bench.app({ providers: [Orders] });
  const jms = app.get(JmsMessagingTemplate);
  await jms.convertAndSend(queue, 'x');
  await jms.convertAndSend(queue, 'x', { headers: { region: 'US', amount: 7 } });
  await vi.waitFor(
    () =>
      expect(received).toEqual([
        ['EU', 1],
        ['US', 7],
      ]),
    10_000,
  );
});

it('@Header with a pipe that refuses what is not there is a required one: the message is dead-lettered at once', async () => {
  const queue = bench.queue();
  const received: number[] = [];
  @Injectable()
  class Orders {
    @JmsListener(queue)
    handle(_order: string, @Header('amount', ParseIntPipe) amount: number): void {
      received.push(amount);
    }
  }
  const app = await bench.app({ providers: [Orders] });
  const jms = app.get(JmsMessagingTemplate);
  await jms.convertAndSend(queue, 'x');
  await jms.convertAndSend(queue, 'x', { headers: { amount: 7 } });
  await vi.waitFor(() => expect(countsOf(app)).toMatchObject({ acknowledged: 1, deadLettered: 1, redeliveries: 0 }), 10_000);
  expect(received).toEqual([7]);
});
