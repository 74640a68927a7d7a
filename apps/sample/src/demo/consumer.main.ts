import 'reflect-metadata';

import type { INestApplicationContext } from '@nestjs/common';
import { JmsListenerEndpointRegistry } from 'nestjs-activemq';

import { DEMO_LISTENER_ID } from './demo.listener.js';
import { startDemoApplication } from './demo.module.js';
import type { ConsumerEvent } from './demo-protocol.js';

let application: INestApplicationContext | undefined;

/** Resolves when the kernel has the report: from then on our death cannot undo it. */
function report(event: ConsumerEvent): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!process.send) reject(new Error('consumer.main is started by the demo, not by hand'));
    else process.send(event, undefined, {}, (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

function deadLettered(): number {
  return application?.get(JmsListenerEndpointRegistry).getListenerContainer(DEMO_LISTENER_ID)?.counts.deadLettered ?? 0;
}

// The end of the channel is the end of the demo.
process.once('disconnect', () => {
  if (application) void application.close();
  else process.exit();
});
application = await startDemoApplication({
  broker: { brokerUrl: process.env['ACTIVEMQ_BROKER_URL'] },
  queue: process.env['DEMO_QUEUE'] ?? '',
  // Reported before it is acknowledged: a message may be reported twice when this process is killed in between, but never be gone unreported.
  sink: (number) => report({ type: 'handled', number, at: Date.now(), deadLettered: deadLettered() }),
});
await report({ type: 'ready' });
