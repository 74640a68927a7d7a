import type { FailoverOptions } from './failover-options.js';

/** What the back-off needs of the failover options. */
export type ReconnectDelayOptions = Pick<
  FailoverOptions,
  'initialReconnectDelay' | 'maxReconnectDelay' | 'useExponentialBackOff' | 'reconnectDelayExponent'
>;

/** How far a pause may be from its nominal value: 15 % either way, so that clients of one dead broker do not come back in step. */
export const RECONNECT_JITTER = 0.15;

/** With `initialReconnectDelay=0` only the first reconnect is immediate; the pauses after it grow from this many ms, else a dead list is a hot loop. */
const SMALLEST_REPEATED_DELAY = 10;

/**
 * The pause in ms before a reconnect: `initialReconnectDelay * reconnectDelayExponent ** pauses`, with jitter, never above `maxReconnectDelay`.
 *
 * Where the cap leaves no room above, the jitter lies below it: 25.5 to 30 s at ActiveMQ's default.
 *
 * @param pauses how many pauses came before this one since a session last proved useful
 * @param random a number from 0 to 1; 0.5 is no jitter (but at the cap)
 */
export function reconnectDelay(options: ReconnectDelayOptions, pauses: number, random: number): number {
  const nominal = nominalDelay(options, pauses);
  const low = nominal * (1 - RECONNECT_JITTER);
  const high = Math.min(nominal * (1 + RECONNECT_JITTER), options.maxReconnectDelay);
  return low + (high - low) * random;
}

function nominalDelay(options: ReconnectDelayOptions, pauses: number): number {
  const { initialReconnectDelay: initial, maxReconnectDelay: max } = options;
  if (initial === 0 && pauses === 0) return 0;
  const growths = !options.useExponentialBackOff ? 0 : initial === 0 ? pauses - 1 : pauses;
  return Math.min((initial || SMALLEST_REPEATED_DELAY) * options.reconnectDelayExponent ** growths, max);
}
