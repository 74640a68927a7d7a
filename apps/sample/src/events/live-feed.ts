import { Injectable, type MessageEvent, type OnModuleDestroy } from '@nestjs/common';
import { ActiveMqConnection } from 'nestjs-activemq';
import { concatMap, defer, from, interval, merge, Observable, startWith, Subject, takeUntil } from 'rxjs';

import { OrdersStore } from '../orders/orders.store.js';
import { StatusService } from '../status/status.service.js';

/** ms between two looks at what changed: however fast orders flow, a client gets a bounded number of events. */
const INTERVAL = 250;
/** Orders in one event. */
const MOST_ORDERS = 60;

/** What changed, for everybody who watches: events `orders` (totals and changed orders) and `status`. */
@Injectable()
export class LiveFeed implements OnModuleDestroy {
  readonly #closing = new Subject<void>();

  constructor(
    private readonly orders: OrdersStore,
    private readonly status: StatusService,
    private readonly connection: ActiveMqConnection,
  ) {}

  /** One client's events: everything first, then what changes; completes when the application shuts down. */
  watch(): Observable<MessageEvent> {
    return defer(() => {
      const changes = this.#changes();
      return merge(interval(INTERVAL), this.connection.state$).pipe(
        startWith(undefined),
        concatMap(() => from(changes())),
        takeUntil(this.#closing),
      );
    });
  }

  onModuleDestroy(): void {
    this.#closing.next();
  }

  /** Each call gives what changed since the last one. */
  #changes(): () => readonly MessageEvent[] {
    let version = -1;
    let lastStatus = '';
    return () => {
      const events: MessageEvent[] = [];
      const { status } = this.status;
      const text = JSON.stringify(status);
      if (text !== lastStatus) events.push({ type: 'status', data: status });
      lastStatus = text;
      if (this.orders.version !== version) {
        const orders = this.orders.changedSince(version, MOST_ORDERS);
        version = this.orders.version;
        events.push({ type: 'orders', data: { counters: this.orders.counters, orders } });
      }
      return events;
    };
  }
}
