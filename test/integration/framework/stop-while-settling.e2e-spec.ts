import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import {
  JmsAcknowledgment,
  JmsListener,
  JmsListenerEndpointRegistry,
  JmsMessage,
  JmsMessagingTemplate,
  SharedDeadLetterStrategy,
} from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { countsOf, listenerOn, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

it.each(['auto', 'transacted'] as const)(
  "a message whose dead letter is being sent when its listener stops is in one place, in mode '%s'",
  async (ackMode) => {
    const [queue, deadLetterQueue] = [bench.queue(), bench.queue('dead')];
    const deadLetter = new SharedDeadLetterStrategy({ deadLetterQueue });
    const fail = () => {
      throw new Error('no');
    };
    const proxy = await bench.proxy();
    const app = await bench.app({
      providers: [listenerOn({ destination: queue, ackMode, redelivery: { maximumRedeliveries: 0 }, deadLetter }, fail)],
      options: { brokerUrl: `stomp://127.0.0.1:${proxy.port}` },
    });
    const client = await bench.client();
    // The broker has the dead letter, and its receipt comes late: only then is the message acknowledged.
    const held = proxy.holdAnswersTo(deadLetterQueue);
    await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
    const goOn = await held;
    const unsubscribing = proxy.written('UNSUBSCRIBE');
    const stopped = app.get(JmsListenerEndpointRegistry).stop(undefined, 1);
    await unsubscribing;
    goOn();
    await stopped;
    await until(() => expect(app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]?.activeHandlers).toBe(0));
    expect([await client.bodies(queue), await client.bodies(deadLetterQueue)]).toEqual([['x'], []]);
    expect(countsOf(app)).toMatchObject({ deadLettered: 0 });
  },
);

/** A manual listener that has got three messages and decided nothing. */
async function threeUndecided() {
  const [queue, answers, deadLetterQueue] = [bench.queue(), bench.queue('answers'), bench.queue('dead')];
  const acknowledgments: JmsAcknowledgment[] = [];
  const deadLetter = new SharedDeadLetterStrategy({ deadLetterQueue });
  @Injectable()
  class Orders {
    @JmsListener({ destination: queue, ackMode: 'manual', sendTo: answers, deadLetter })
    handle(_message: JmsMessage, acknowledgment: JmsAcknowledgment): string {
      acknowledgments.push(acknowledgment);
      return 'answer';
    }
  }
  const app = await bench.app({ providers: [Orders] });
  for (const text of ['a', 'b', 'c']) await app.get(JmsMessagingTemplate).convertAndSend(queue, text);
  const registry = app.get(JmsListenerEndpointRegistry);
  await until(() => expect([acknowledgments.length, registry.getListenerContainers()[0]?.activeHandlers]).toEqual([3, 0]));
  const client = await bench.client();
  const places = async () => [
    (await client.bodies(queue)).length,
    (await client.bodies(answers)).length,
    (await client.bodies(deadLetterQueue)).length,
  ];
  return { app, registry, acknowledgments, places };
}

it('decisions of a moment ago are carried out before a listener stops: replies are sent and messages acknowledged', async () => {
  const { app, registry, acknowledgments, places } = await threeUndecided();
  for (const acknowledgment of acknowledgments) acknowledgment.acknowledge();
  await registry.stop();
  expect([await places(), countsOf(app).acknowledged]).toEqual([[0, 3, 0], 3]);
});

it.each(['the listener stops', 'the application closes'])('and rejected messages are dead-lettered: before %s', async (what) => {
  const { app, registry, acknowledgments, places } = await threeUndecided();
  for (const acknowledgment of acknowledgments) acknowledgment.reject('no');
  await (what === 'the listener stops' ? registry.stop() : app.close());
  expect(await places()).toEqual([0, 0, 3]);
});
