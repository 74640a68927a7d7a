import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { JmsListener, JmsListenerEndpointRegistry, JmsMessage, Message } from 'nestjs-activemq';

import { bootApplication } from '../../support/application.js';

// A process whose handler is killed by a message: it waits for the word, tells what it handles, and dies of 'poison' as by a lack of memory.
const [brokerUrl = '', queue = ''] = process.argv.slice(2);

@Injectable()
class Orders {
  @JmsListener({ destination: queue, redelivery: { maximumRedeliveries: 0 } })
  async handle(@Message() message: JmsMessage): Promise<void> {
    await new Promise((resolve) => process.send?.(message.text(), resolve));
    if (message.text() === 'poison') process.kill(process.pid, 'SIGKILL');
  }
}

process.once('message', () => {
  void bootApplication({ brokerUrl, startup: 'background' }, [Orders]).then((app) =>
    app.get(JmsListenerEndpointRegistry).outcomes$.subscribe(({ kind, reason }) => {
      if (kind === 'dead-lettered') process.send?.(`dead-lettered: ${reason}`);
    }),
  );
});
// The test ended without us.
process.on('disconnect', () => process.exit());
process.send?.('ready');
