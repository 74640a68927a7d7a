import type { DeadLetterStrategyLookup } from '../delivery/dead-letter/dead-letter-strategy-map.js';
import type { SendOptions } from '../message/outgoing-message.js';
import { assertBoolean, assertInteger, assertKnownOptions } from '../validation/index.js';

/** What a template does when a send or a receive says nothing else. */
export interface TemplateDefaults extends Pick<SendOptions, 'persistent' | 'priority' | 'timeToLive' | 'deliveryDelay'> {
  /** ms until a send fails, waiting for a broker included; default 60 000, 0 waits for ever. */
  readonly sendTimeout?: number;
  /** ms that a receive waits for a message; default 0, for ever, as in Spring. -1 does not wait. */
  readonly receiveTimeout?: number;
  /** ms that a request waits for its reply, connection and sending included; default 30 000, 0 waits for ever. */
  readonly replyTimeout?: number;
  /** Requests that may wait for their replies at once; default 1000. One more is refused. */
  readonly maxPendingRequests?: number;
}

/** How a template receives. */
export type ReceivingDefaults = Required<Pick<TemplateDefaults, 'receiveTimeout' | 'replyTimeout' | 'maxPendingRequests'>>;

/** Complete {@link TemplateDefaults}. */
export interface ResolvedTemplateDefaults extends Omit<TemplateDefaults, keyof ReceivingDefaults> {
  readonly sendTimeout: number;
  readonly pubSubDomain: boolean;
  readonly receiving: ReceivingDefaults;
  /** Where dead letters go; what is received there is one already. */
  readonly deadLetter?: DeadLetterStrategyLookup;
}

const DEFAULT_SEND_TIMEOUT = 60_000;
const DEFAULT_REPLY_TIMEOUT = 30_000;
const LONGEST_TIMER = 2_147_483_647;

/**
 * Fills in what is left open.
 *
 * @throws ConfigurationError for an unknown option or an impossible value
 */
export function resolveTemplateDefaults(where: string, defaults: TemplateDefaults, pubSubDomain: boolean): ResolvedTemplateDefaults {
  assertKnownOptions(where, defaults, [
    'sendTimeout',
    'persistent',
    'priority',
    'timeToLive',
    'deliveryDelay',
    'receiveTimeout',
    'replyTimeout',
    'maxPendingRequests',
  ]);
  const { persistent = true, priority, timeToLive, deliveryDelay, sendTimeout = DEFAULT_SEND_TIMEOUT } = defaults;
  assertBoolean(where, 'persistent', persistent);
  assertInteger(where, 'sendTimeout', sendTimeout, { min: 0, max: LONGEST_TIMER });
  if (priority !== undefined) assertInteger(where, 'priority', priority, { min: 0, max: 9 });
  if (timeToLive !== undefined) assertInteger(where, 'timeToLive', timeToLive, { min: 0 });
  if (deliveryDelay !== undefined) assertInteger(where, 'deliveryDelay', deliveryDelay, { min: 0 });
  return { persistent, priority, timeToLive, deliveryDelay, sendTimeout, pubSubDomain, receiving: resolveReceiving(where, defaults) };
}

function resolveReceiving(where: string, defaults: TemplateDefaults): ReceivingDefaults {
  const { receiveTimeout = 0, replyTimeout = DEFAULT_REPLY_TIMEOUT, maxPendingRequests = 1_000 } = defaults;
  assertInteger(where, 'receiveTimeout', receiveTimeout, { min: -1, max: LONGEST_TIMER });
  assertInteger(where, 'replyTimeout', replyTimeout, { min: 0, max: LONGEST_TIMER });
  assertInteger(where, 'maxPendingRequests', maxPendingRequests, { min: 1, max: 1_000_000 });
  return { receiveTimeout, replyTimeout, maxPendingRequests };
}
