import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ActiveMqModule, DeadLetterService, JmsMessagingTemplate } from 'nestjs-activemq';
import { EmbeddedBroker, type EmbeddedBrokerOptions } from 'nestjs-activemq/embedded';
import { describe, expect, it, onTestFinished } from 'vitest';

/** A dead letter queue with so many small dead letters on a broker of its own. */
async function morgue(count: number, options: EmbeddedBrokerOptions): Promise<{ service: DeadLetterService; broker: EmbeddedBroker }> {
  const broker = await new EmbeddedBroker({ log: () => undefined, name: 'plain', ...options }).start();
  @Module({ imports: [ActiveMqModule.forRoot({ brokerUrl: 'vm://plain', embeddedBroker: broker, startup: 'wait' })] })
  class App {}
  const app = (await Test.createTestingModule({ imports: [App] }).compile()).createNestApplication({ logger: false });
  await app.init();
  onTestFinished(async () => {
    await app.close();
    await broker.stop();
  });
  const jms = app.get(JmsMessagingTemplate);
  await Promise.all(Array.from({ length: count }, (_, n) => jms.convertAndSend('DLQ.x', { n }, { headers: { n } })));
  return { service: app.get(DeadLetterService), broker };
}

describe('DeadLetterService on a broker that tells no depths', () => {
  it('says of few dead letters that they are all, and of a page (200) that there may be more', async () => {
    expect(await (await morgue(199, { statistics: false })).service.list('DLQ.x')).toMatchObject({
      deadLetters: { length: 199 },
      isTruncated: false,
    });
    const { service } = await morgue(200, { statistics: false });
    expect(await service.list('DLQ.x')).toMatchObject({ deadLetters: { length: 200 }, isTruncated: true });
    expect(await service.delete({ queue: 'DLQ.x', selector: 'n = 1' })).toMatchObject({ done: 1, isTruncated: false });
  });

  it('keeps no question that nobody answers', async () => {
    const { service, broker } = await morgue(1, { statistics: false });
    await service.list('DLQ.x');
    expect(broker.queueNames()).toEqual(['DLQ.x']);
  });

  it('does without when its user may not ask', async () => {
    const { service } = await morgue(200, { authorize: (_, __, destination) => !destination.includes('Statistics') });
    expect(await service.list('DLQ.x')).toMatchObject({ deadLetters: { length: 200 }, isTruncated: true });
    expect(await service.list('DLQ.x')).toMatchObject({ deadLetters: { length: 200 }, isTruncated: true });
  });

  it('knows with the statistics plugin that a page is all', async () => {
    const { service } = await morgue(250, {});
    expect(await service.list('DLQ.x')).toMatchObject({ deadLetters: { length: 250 }, isTruncated: false });
  });
});
