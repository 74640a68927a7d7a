import { ConfigurationError } from '../../errors/index.js';
import type { SendOptions } from '../../message/outgoing-message.js';
import { assertInteger, assertRecord } from '../../validation/index.js';

/** How one request is sent, and how long its reply is waited for. */
export interface RequestOptions extends Omit<SendOptions, 'replyTo' | 'sendTimeout' | 'confirm'> {
  /** ms for connection, sending and reply together; 0 waits for ever. Default the template's `replyTimeout`. */
  readonly timeout?: number;
  /** Stops waiting: the request rejects with its reason. What was sent stays sent. */
  readonly signal?: AbortSignal;
}

/**
 * Separates how to send from how to wait.
 *
 * @throws ConfigurationError for options that a request decides by itself
 */
export function splitRequestOptions(options: RequestOptions): {
  readonly send: SendOptions;
  readonly timeout: number | undefined;
  readonly signal: AbortSignal | undefined;
} {
  const where = 'The options of a request';
  assertRecord(where, undefined, options);
  const { timeout, signal, ...send } = options;
  if ('replyTo' in send)
    throw new ConfigurationError(`${where}: \`replyTo\` is the request's own temporary queue; send a message to choose it`);
  if ('sendTimeout' in send)
    throw new ConfigurationError(`${where}: \`sendTimeout\` is unknown; \`timeout\` is for sending and reply together`);
  if ('confirm' in send) throw new ConfigurationError(`${where}: \`confirm\` cannot be set; it is the reply that is waited for`);
  if (timeout !== undefined) assertInteger(where, 'timeout', timeout, { min: 0, max: 2_147_483_647 });
  return { send, timeout, signal };
}
