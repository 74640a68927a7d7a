import type { BrokerMessage } from '../broker/broker-message.js';
import type { Selector } from '../../selector/index.js';

/** One message on its way to one consumer; what happens to it is told once, a later word has no effect. */
export interface Delivery {
  readonly message: BrokerMessage;
  /** Whether the frame says `redelivered:true`. */
  readonly redelivered: boolean;
  /** Consumed: gone for good. */
  acknowledge(): void;
  /** Not consumable: to the dead letter queue, at once. */
  reject(): void;
  /** Acknowledged in an open transaction: frees a slot of the consumer's window; `hidden` hides it from browsers too. */
  hold(hidden: boolean): void;
  /** That transaction was rolled back: in flight again. */
  release(): void;
}

/** Where deliveries go: a subscription of a session. */
export interface DeliverySink {
  /** True while its connection cannot take more. */
  readonly blocked: boolean;
  deliver(delivery: Delivery): void;
  /** A browser has shown everything. */
  browsed?(): void;
}

/** What a client asked for when it subscribed. */
export interface ConsumerOptions {
  readonly connectionId: string;
  /** Most deliveries without an acknowledgement; 0 delivers nothing, ever. */
  readonly prefetch: number;
  /** 0 to 127, default 0: the highest is served first. */
  readonly priority: number;
  readonly exclusive: boolean;
  /** Topics: not what its own connection sent. */
  readonly noLocal: boolean;
  readonly selector: Selector | undefined;
}

/** A subscription as the broker sees it. */
export interface Consumer {
  /** Starts the deliveries; until then the consumer takes none. `afterReceipt` when its SUBSCRIBE asked for a receipt. */
  activate(afterReceipt: boolean): void;
  /** Looks for messages again, after its connection was blocked. */
  resume(): void;
  /** Ends it: what is in flight goes back to where it came from. */
  close(): void;
}
