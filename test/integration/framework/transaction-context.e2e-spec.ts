import { type ActiveMqModuleOptions, JmsListenerEndpointRegistry, JmsMessagingTemplate } from 'nestjs-activemq';
import { EmbeddedBroker } from 'nestjs-activemq/embedded';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { describeOnEitherBroker, SendingBench, until } from './sending.fixture.js';

/** An application, its template, and a listener that answers what it gets, registered in a transaction. */
async function answering(bench: SendingBench, options: ActiveMqModuleOptions = {}) {
  const [queue, answers] = [bench.queue(), bench.queue()];
  const app = await bench.boot(options);
  const [jms, registry] = [app.get(JmsMessagingTemplate), app.get(JmsListenerEndpointRegistry)];
  const container = await jms.transaction(async () => {
    const registered = registry.registerListener({ id: 'late', destination: queue }, () => jms.convertAndSend(answers, 'answer'));
    await registered.whenSubscribed();
    return registered;
  });
  return { jms, queue, answers, container };
}

describeOnEitherBroker('a listener that begins in a transaction', (bench) => {
  it('handles its messages outside of it', async () => {
    const { jms, queue, answers, container } = await answering(bench);
    await jms.convertAndSend(queue, 'x');
    await until(() => expect(container.counts).toMatchObject({ acknowledged: 1, deadLettered: 0 }));
    expect(await bench.bodies(answers)).toEqual(['answer']);
  });

  it('is not drawn into it by a receive that opened the connection in it', async () => {
    const [queue, answers, empty] = [bench.queue(), bench.queue(), bench.queue()];
    const app = await bench.boot();
    const [jms, registry] = [app.get(JmsMessagingTemplate), app.get(JmsListenerEndpointRegistry)];
    await jms.transaction(async () => jms.receive(empty, { timeout: -1 }));
    const container = registry.registerListener({ id: 'late', destination: queue }, () => jms.convertAndSend(answers, 'answer'));
    await jms.convertAndSend(queue, 'x');
    await until(() => expect(container.counts).toMatchObject({ acknowledged: 1, deadLettered: 0 }));
    expect(await bench.bodies(answers)).toEqual(['answer']);
  });
});

describe('a listener on a broker in this process', () => {
  const bench = new SendingBench();
  const name = randomUUID();
  let broker: EmbeddedBroker;
  beforeEach(async () => void (await (broker = new EmbeddedBroker({ name, log: () => undefined })).start()));
  afterEach(async () => {
    await bench.closeAll();
    await broker.stop();
  });

  it('handles a message outside of the transaction in whose time the broker gave it out', async () => {
    const { jms, queue, container } = await answering(bench, { brokerUrl: `vm://${name}` });
    await jms.transaction(async () => {
      await jms.withoutTransaction(() => jms.convertAndSend(queue, 'x'));
      await jms.receive(bench.queue(), { timeout: -1 });
      await until(() => expect(container.counts).toMatchObject({ acknowledged: 1, deadLettered: 0 }));
    });
  });
});
