import type { BrokerError } from '../errors/index.js';

/**
 * Where a connection stands.
 *
 * - `idle`: not started, it never connects before a lifecycle hook
 * - `connecting`: looking for its first broker
 * - `connected`: every link it needs is open
 * - `interrupted`: it was connected, lost a broker and is looking for one (ActiveMQ's `transportInterupted`)
 * - `failed`: gave up, `maxReconnectAttempts` are used up
 * - `closed`: the application shut it down
 */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'interrupted' | 'failed' | 'closed';

/** What a connection tells its listeners, by event name. */
export interface ConnectionEvents {
  /** Connected for the first time. */
  connected: { readonly brokerUri: string };
  /** Lost the broker; reconnecting goes on by itself. Mirrors ActiveMQ's `TransportListener.transportInterupted`. */
  interrupted: { readonly brokerUri: string; readonly reason: Error };
  /** Connected again after `interruptedFor` ms. Mirrors ActiveMQ's `TransportListener.transportResumed`. */
  resumed: { readonly brokerUri: string; readonly interruptedFor: number };
  /** Gave up: `maxReconnectAttempts` or `startupMaxReconnectAttempts` are used up. */
  failed: { readonly reason: Error };
  /** The broker sent an ERROR frame that belongs to no command that could be told. Mirrors JMS's `ExceptionListener`. */
  error: { readonly error: BrokerError };
  /** Shut down by the application. */
  closed: Record<string, never>;
}
