import type { RedeliveryPolicy } from 'nestjs-activemq';

/** Where orders go, unless the placeholder `orders.queue` says otherwise. */
export const DEFAULT_ORDERS_QUEUE = 'sample.orders';

/** The listener's id, in the registry and on the page. */
export const ORDERS_LISTENER_ID = 'orders';

/** Redeliveries of an order whose handling fails; short, so that one can watch it. */
export const MAXIMUM_REDELIVERIES = 2;

/** ActiveMQ's policy with fewer and quicker attempts than the default's six, a second apart. */
export const ORDERS_REDELIVERY: RedeliveryPolicy = {
  maximumRedeliveries: MAXIMUM_REDELIVERIES,
  initialRedeliveryDelay: 500,
  redeliveryDelay: 1_000,
};

/** Token of the queue's name. */
export const ORDERS_QUEUE = 'sample:orders-queue';
