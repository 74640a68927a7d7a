/** A durable subscription, by the names the broker knows it by. */
export interface DurableSubscription {
  /** The `clientId` of its connection. */
  readonly clientId: string;
  /** The listener's `subscription`. */
  readonly subscriptionName: string;
  /** As in `topic://prices`. */
  readonly topic: string;
}
