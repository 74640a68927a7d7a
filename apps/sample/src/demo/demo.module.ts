import { ConsoleLogger, type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ActiveMqConnection, ActiveMqModule, JmsListenerEndpointRegistry, type VmBroker } from 'nestjs-activemq';

import { DEMO_QUEUE, DemoProducer } from './demo.producer.js';
import { DEMO_LISTENER_ID, DemoListener, HANDLED_SINK, type HandledSink } from './demo.listener.js';

/** ms an application of the demo may take to find a broker and subscribe. */
const READY_TIMEOUT = 60_000;

/** What the demo runs on. */
export interface DemoBroker {
  /** Default the framework's. */
  readonly brokerUrl?: string;
  /** Answers the `vm://` URLs in `brokerUrl`. */
  readonly embeddedBroker?: VmBroker;
}

/** What an application of the demo is made of. */
export interface DemoApplicationOptions {
  readonly broker: DemoBroker;
  readonly queue: string;
  /** Given: the application consumes, and tells what it handled here. */
  readonly sink?: HandledSink;
}

/** Producer and, where asked for, consumer of the demo. */
@Module({})
export class DemoModule {
  static configured({ broker, queue, sink }: DemoApplicationOptions): DynamicModule {
    const placeholders = (key: string) => (key === 'demo.queue' ? queue : undefined);
    const consumer = sink ? [DemoListener, { provide: HANDLED_SINK, useValue: sink }] : [];
    return {
      module: DemoModule,
      imports: [ActiveMqModule.forRoot({ ...broker, placeholders, shutdownTimeout: 5_000 })],
      providers: [DemoProducer, { provide: DEMO_QUEUE, useValue: queue }, ...consumer],
    };
  }
}

/**
 * Starts an application of the demo: connected, and subscribed when it consumes.
 *
 * @throws ConfigurationError for a bad broker URL; Error when it is not connected and subscribed within 60 s
 */
export async function startDemoApplication(options: DemoApplicationOptions): Promise<INestApplicationContext> {
  const application = await NestFactory.createApplicationContext(DemoModule.configured(options), {
    abortOnError: false,
    logger: new ConsoleLogger({ logLevels: ['error', 'fatal'] }),
  });
  const deadline = AbortSignal.timeout(READY_TIMEOUT);
  try {
    await application.get(ActiveMqConnection).whenConnected(deadline);
    await application.get(JmsListenerEndpointRegistry).getListenerContainer(DEMO_LISTENER_ID)?.whenSubscribed(deadline);
    return application;
  } catch (error) {
    await application.close();
    throw deadline.aborted
      ? new Error(`No broker was ready within ${READY_TIMEOUT} ms; is the URL right, and does it run?`, { cause: error })
      : error;
  }
}
