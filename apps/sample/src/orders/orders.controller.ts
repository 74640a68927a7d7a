import { Body, Controller, Get, Post, Query, ServiceUnavailableException } from '@nestjs/common';

import { LimitPipe } from './limit.pipe.js';
import type { OrderCounters, OrderRecord } from './order.js';
import { OrdersService, type PlacedOrders } from './orders.service.js';
import { OrdersStore } from './orders.store.js';
import { type PlaceOrders, PlaceOrdersPipe } from './place-orders.pipe.js';

/** `/orders` over HTTP. */
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly store: OrdersStore,
  ) {}

  /** 201 when the broker has stored every order, else 503 with how many it has. */
  @Post()
  async place(@Body(PlaceOrdersPipe) request: PlaceOrders): Promise<PlacedOrders> {
    const placed = await this.orders.place(request);
    if (placed.confirmed === placed.sent) return placed;
    throw new ServiceUnavailableException({ statusCode: 503, error: 'Service Unavailable', message: placed.problem, ...placed });
  }

  /** What was consumed, newest first, and the totals. */
  @Get()
  list(@Query('limit', LimitPipe) limit: number): { readonly counters: OrderCounters; readonly orders: readonly OrderRecord[] } {
    return { counters: this.store.counters, orders: this.store.consumedOrders(limit) };
  }
}
