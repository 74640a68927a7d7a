import 'reflect-metadata';
import { JmsMessagingTemplate } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

it('sends what a Buffer held at each call, though it is written to before most of them leave the window', async () => {
  const queue = bench.queue();
  const app = await bench.app({ options: { sendWindow: { messages: 16 } } });
  const jms = app.get(JmsMessagingTemplate);
  const buffer = Buffer.alloc(4);
  const sends = Array.from({ length: 300 }, (_, n) => {
    buffer.writeUInt32BE(n);
    return jms.convertAndSend(queue, buffer);
  });
  await Promise.all(sends);
  const seen: number[] = [];
  for await (const { body } of jms.browse(queue)) seen.push(body.readUInt32BE());
  expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => n));
});
