import type { SendOptions } from '../message/outgoing-message.js';
import { assertBoolean, assertInteger, assertKnownOptions } from '../validation/index.js';

/** What a template does when a send says nothing else. */
export interface TemplateDefaults extends Pick<SendOptions, 'persistent' | 'priority' | 'timeToLive' | 'deliveryDelay'> {
  /** ms until a send fails, waiting for a broker included; default 60 000, 0 waits for ever. */
  readonly sendTimeout?: number;
}

/** Complete {@link TemplateDefaults}. */
export interface ResolvedTemplateDefaults extends TemplateDefaults {
  readonly sendTimeout: number;
  readonly pubSubDomain: boolean;
}

const DEFAULT_SEND_TIMEOUT = 60_000;

/**
 * Fills in what is left open.
 *
 * @throws ConfigurationError for an unknown option or an impossible value
 */
export function resolveTemplateDefaults(where: string, defaults: TemplateDefaults, pubSubDomain: boolean): ResolvedTemplateDefaults {
  assertKnownOptions(where, defaults, ['sendTimeout', 'persistent', 'priority', 'timeToLive', 'deliveryDelay']);
  const { persistent = true, priority, timeToLive, deliveryDelay, sendTimeout = DEFAULT_SEND_TIMEOUT } = defaults;
  assertBoolean(where, 'persistent', persistent);
  assertInteger(where, 'sendTimeout', sendTimeout, { min: 0, max: 2_147_483_647 });
  if (priority !== undefined) assertInteger(where, 'priority', priority, { min: 0, max: 9 });
  if (timeToLive !== undefined) assertInteger(where, 'timeToLive', timeToLive, { min: 0 });
  if (deliveryDelay !== undefined) assertInteger(where, 'deliveryDelay', deliveryDelay, { min: 0 });
  return { persistent, priority, timeToLive, deliveryDelay, sendTimeout, pubSubDomain };
}
