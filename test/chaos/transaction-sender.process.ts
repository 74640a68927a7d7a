// Sends transactions of three messages to a queue without end, and tells its parent of each that was committed; it is killed.
import { ActiveMqConnection, JmsMessagingTemplate } from 'nestjs-activemq';

import { resolveActiveMqSettings } from '../../libs/activemq/src/module/activemq-settings.js';
import { VmBrokers } from '../../libs/activemq/src/module/vm-brokers.js';

const [, , brokerUrl, queue] = process.argv;
if (!brokerUrl || !queue || !process.send) throw new Error('usage: fork with the broker URL and the queue');
// Without Nest: tsx writes no metadata for its injector.
const silent = { log: () => undefined, error: () => undefined, warn: () => undefined, debug: () => undefined };
const settings = resolveActiveMqSettings('default', { brokerUrl, logger: silent }, new VmBrokers());
const jms = new JmsMessagingTemplate(new ActiveMqConnection(settings.connection), settings.converter, settings.template);

const send = async (lane: number) => {
  for (let n = 0; ; n++) {
    const id = `${lane}.${n}`;
    await jms.transaction(async (tx) => {
      for (let part = 0; part < 3; part++) await tx.convertAndSend(queue, { id, part });
    });
    process.send?.(id);
  }
};
await Promise.all(Array.from({ length: 8 }, (_, lane) => send(lane)));
