import type { JmsMessage } from '../message/jms-message.js';

/**
 * Who made a dead letter of a message:
 *
 * - `application`: a listener of this package, with the reason
 * - `expired`: the broker, when its time to live was over
 * - `rejected`: the broker, after a consumer rejected it (a NACK over STOMP, too many redeliveries over OpenWire)
 * - `unknown`: nothing tells
 */
export type DeadLetterCause = 'application' | 'expired' | 'rejected' | 'unknown';

/** One message on a dead letter queue: what its headers tell. Texts are bounded and in one line; whoever could send here has written them. */
export interface DeadLetter {
  /** The broker's id of the message as it lies there. */
  readonly messageId: string;
  /** Where it lies, e.g. `queue://ActiveMQ.DLQ`. */
  readonly queue: string;
  /** Who made a dead letter of it. */
  readonly cause: DeadLetterCause;
  /** Where it was consumed from, as far as somebody noted it, e.g. `queue://orders`. */
  readonly originalDestination: string | undefined;
  readonly originalMessageId: string | undefined;
  /** Why, in words; for what OpenWire clients and the broker dead-lettered their `dlqDeliveryFailureCause`. */
  readonly reason: string | undefined;
  readonly errorClass: string | undefined;
  readonly errorMessage: string | undefined;
  /** How often it was tried. */
  readonly attempts: number | undefined;
  /** ms since 1970. */
  readonly firstFailedAt: number | undefined;
  /** ms since 1970. */
  readonly lastFailedAt: number | undefined;
  readonly listenerId: string | undefined;
  readonly application: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly correlationId: string | undefined;
  readonly type: string | undefined;
  /** When it was sent, in ms since 1970: the original for the broker's dead letters, the dead letter for ours. */
  readonly timestamp: number | undefined;
  /** When the original would have expired, in ms since 1970. */
  readonly originalExpiration: number | undefined;
  /** Bytes. */
  readonly bodySize: number;
}

/** A dead letter with everything in it. */
export interface DeadLetterDetails extends DeadLetter {
  /** Headers, body, and the payload as the converter reads it. */
  readonly message: JmsMessage;
}

/** What is shown of a dead letter queue. */
export interface DeadLetterList {
  readonly deadLetters: readonly DeadLetter[];
  /** Whether there are, or may be, more: the limit was reached, or the broker has not shown the whole queue, or does not tell whether it has. */
  readonly isTruncated: boolean;
}

/** Dead letters that came from one place and failed in one way. */
export interface DeadLetterGroup {
  readonly originalDestination: string | undefined;
  readonly cause: DeadLetterCause;
  readonly errorClass: string | undefined;
  readonly count: number;
  /** `timestamp` of the oldest, in ms since 1970. */
  readonly oldest: number | undefined;
  /** `timestamp` of the newest, in ms since 1970. */
  readonly newest: number | undefined;
  /** Message ids of the first ones, 10 at most. */
  readonly messageIds: readonly string[];
}

/** Groups of dead letters, the largest first. */
export interface DeadLetterGroups {
  readonly groups: readonly DeadLetterGroup[];
  /** As in {@link DeadLetterList}. */
  readonly isTruncated: boolean;
}
