/** A durable subscription, by the names the broker knows it by. */
export interface DurableSubscription {
  readonly clientId: string;
  readonly subscriptionName: string;
  /** As in `topic://prices`. */
  readonly topic: string;
}
