import { Injectable } from '@nestjs/common';
import { JmsListener, JmsMessage, Payload } from 'nestjs-activemq';

import type { Order } from './order.js';
import { OrderPipe } from './order.pipe.js';
import { DEFAULT_ORDERS_QUEUE, MAXIMUM_REDELIVERIES, ORDERS_LISTENER_ID, ORDERS_REDELIVERY } from './orders.constants.js';
import { OrdersStore } from './orders.store.js';

/** The consumer: takes orders out of the queue. */
@Injectable()
export class OrdersListener {
  constructor(private readonly store: OrdersStore) {}

  /** Several at a time, so that an order that waits for its redelivery holds up no other. */
  @JmsListener({
    id: ORDERS_LISTENER_ID,
    destination: `\${orders.queue:${DEFAULT_ORDERS_QUEUE}}`,
    concurrency: 8,
    redelivery: ORDERS_REDELIVERY,
  })
  onOrder(@Payload(OrderPipe) order: Order, message: JmsMessage): void {
    if (order.fails) {
      this.store.failed(order, message.deliveryCount, message.deliveryCount > MAXIMUM_REDELIVERIES);
      throw new Error(`order ${order.id} was made to fail`);
    }
    this.store.consumed(order, message.deliveryCount);
  }
}
