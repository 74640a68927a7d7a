import { type DynamicModule, Module } from '@nestjs/common';

import { ORDERS_QUEUE } from './orders.constants.js';
import { OrdersController } from './orders.controller.js';
import { OrdersListener } from './orders.listener.js';
import { OrdersService } from './orders.service.js';
import { OrdersStore } from './orders.store.js';

/** Orders: the producer behind `POST /orders`, the consumer, and what they remember. */
@Module({})
export class OrdersModule {
  /** @param queue where the orders go; the listener finds the same name under the placeholder `orders.queue` */
  static onQueue(queue: string): DynamicModule {
    return {
      module: OrdersModule,
      controllers: [OrdersController],
      providers: [OrdersService, OrdersListener, OrdersStore, { provide: ORDERS_QUEUE, useValue: queue }],
      exports: [OrdersStore],
    };
  }
}
