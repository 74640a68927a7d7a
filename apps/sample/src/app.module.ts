import { type DynamicModule, Module } from '@nestjs/common';
import { ActiveMqModule } from 'nestjs-activemq';

import { EventsModule } from './events/events.module.js';
import { OrdersModule } from './orders/orders.module.js';
import type { SampleConfiguration } from './sample-configuration.js';
import { StatusModule } from './status/status.module.js';

/** The sample: orders that live through the death of a broker. */
@Module({})
export class AppModule {
  /** The application for one broker, or cluster, and one queue. */
  static configured({ brokerUrl, ordersQueue }: SampleConfiguration): DynamicModule {
    const orders = OrdersModule.onQueue(ordersQueue);
    const placeholders = (key: string) => (key === 'orders.queue' ? ordersQueue : undefined);
    return {
      module: AppModule,
      imports: [
        ActiveMqModule.forRoot({ brokerUrl, placeholders, shutdownTimeout: 10_000 }),
        orders,
        StatusModule,
        EventsModule.watching(orders),
      ],
    };
  }
}
