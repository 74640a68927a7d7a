import { Inject, Injectable } from '@nestjs/common';
import { isActiveMqError, JmsMessagingTemplate } from 'nestjs-activemq';
import { randomUUID } from 'node:crypto';

import { forEachNumber } from '../concurrency/for-each-number.js';
import type { Order } from './order.js';
import { ORDERS_QUEUE } from './orders.constants.js';
import { OrdersStore } from './orders.store.js';
import type { PlaceOrders } from './place-orders.pipe.js';

/** Sends of one request that wait for the broker at the same time. */
const CONCURRENT_SENDS = 128;
/** Ids told to the client that placed the orders. */
const MOST_IDS = 100;

/** What became of the orders of one request. */
export interface PlacedOrders {
  readonly sent: number;
  /** The broker has stored so many of them. */
  readonly confirmed: number;
  /** The first 100 of those that are stored. */
  readonly ids: readonly string[];
  /** Why the first of those that are not confirmed is not. */
  readonly problem?: string;
}

/** The producer: places orders in the queue. */
@Injectable()
export class OrdersService {
  constructor(
    private readonly jms: JmsMessagingTemplate,
    private readonly store: OrdersStore,
    @Inject(ORDERS_QUEUE) private readonly queue: string,
  ) {}

  /** Sends the orders and resolves when the broker has confirmed or failed each; a broker that is being replaced is waited for. */
  async place({ count, ...order }: PlaceOrders): Promise<PlacedOrders> {
    const ids: string[] = [];
    let confirmed = 0;
    let problem: string | undefined;
    const placeOne = async () => {
      const placed: Order = { id: randomUUID(), ...order };
      const failure = await this.#send(placed);
      if (failure === undefined) {
        confirmed++;
        if (ids.length < MOST_IDS) ids.push(placed.id);
      }
      problem ??= failure;
    };
    await forEachNumber(count, placeOne, { concurrency: CONCURRENT_SENDS });
    return { sent: count, confirmed, ids, problem };
  }

  /** Why the order is not confirmed, if so. */
  async #send(order: Order): Promise<string | undefined> {
    this.store.sending(order);
    try {
      await this.jms.convertAndSend(this.queue, order);
      this.store.confirmed(order);
      return undefined;
    } catch (error) {
      this.store.unconfirmed(order);
      if (isActiveMqError(error)) return error.message;
      throw error;
    }
  }
}
