import { ConsoleLogger, type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ActiveMqModule } from 'nestjs-activemq';

import { DEMO_QUEUE, DemoProducer } from './demo.producer.js';
import { DemoListener, HANDLED_SINK, type HandledSink } from './demo.listener.js';

/** What an application of the demo is made of. */
export interface DemoApplicationOptions {
  /** Default the framework's. */
  readonly brokerUrl?: string;
  readonly queue: string;
  /** Given: the application consumes, and tells what it handled here. */
  readonly sink?: HandledSink;
}

/** Producer and, where asked for, consumer of the demo. */
@Module({})
export class DemoModule {
  static configured({ brokerUrl, queue, sink }: DemoApplicationOptions): DynamicModule {
    const placeholders = (key: string) => (key === 'demo.queue' ? queue : undefined);
    const consumer = sink ? [DemoListener, { provide: HANDLED_SINK, useValue: sink }] : [];
    return {
      module: DemoModule,
      imports: [ActiveMqModule.forRoot({ brokerUrl, placeholders, startup: 'wait', shutdownTimeout: 5_000 })],
      providers: [DemoProducer, { provide: DEMO_QUEUE, useValue: queue }, ...consumer],
    };
  }
}

/**
 * Starts an application of the demo: connected, and subscribed when it consumes.
 *
 * @throws ConfigurationError for a bad broker URL; ConnectError when the URL's `startupMaxReconnectAttempts` are used up
 */
export function startDemoApplication(options: DemoApplicationOptions): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(DemoModule.configured(options), {
    abortOnError: false,
    logger: new ConsoleLogger({ logLevels: ['warn', 'error', 'fatal'] }),
  });
}
