/** An order as it travels in a message. */
export interface Order {
  /** Unique, made by the sender: by it an order that is handled twice is recognised. */
  readonly id: string;
  /** What is ordered; free text, never trusted. */
  readonly item: string;
  readonly quantity: number;
  /** Whether handling it fails each time, to watch redelivery and the dead letter queue. */
  readonly fails: boolean;
}

/** How far an order has come, as this application saw it. */
export type OrderState = 'sending' | 'confirmed' | 'unconfirmed' | 'failing' | 'gave-up' | 'consumed';

/** An order with its history. */
export interface OrderRecord extends Order {
  readonly state: OrderState;
  /** Handler runs so far. */
  readonly attempts: number;
  /** ms since 1970. */
  readonly createdAt: number;
  /** ms since 1970; absent while the order is not consumed. */
  readonly consumedAt?: number;
  /** Grows with each change of any order. */
  readonly version: number;
}

/** Totals since the application started. */
export interface OrderCounters {
  /** Sends begun. */
  readonly sent: number;
  /** Sends that the broker has confirmed: the order is stored. */
  readonly confirmed: number;
  /** Sends that failed; whether the broker stored them is told by the error. */
  readonly unconfirmed: number;
  /** Handler runs that succeeded. */
  readonly consumed: number;
  /** Successful handler runs of an order that had been consumed before. */
  readonly duplicates: number;
  /** Handler runs that failed. */
  readonly failedAttempts: number;
}
