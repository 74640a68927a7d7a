import { ConfigurationError } from '../errors/index.js';
import { assertInteger, assertKnownOptions } from '../validation/index.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';
import type { BatchOptions } from './jms-listener-options.js';

const DEFAULT_TIMEOUT = 100;

/**
 * Checks the options of a batch listener, and completes them.
 *
 * @throws ConfigurationError for an unknown option or an impossible value
 */
export function resolveBatch(where: string, batch: BatchOptions | undefined): Required<BatchOptions> | undefined {
  if (batch === undefined) return undefined;
  const here = `\`batch\` of ${where}`;
  assertKnownOptions(here, batch, ['size', 'timeout']);
  const { size, timeout = DEFAULT_TIMEOUT } = batch;
  assertInteger(here, 'size', size, { min: 1, max: 10_000 });
  assertInteger(here, 'timeout', timeout, { min: 0, max: 2_147_483_647 });
  return { size, timeout };
}

/**
 * Refuses what does not go with batches.
 *
 * @throws ConfigurationError naming the listener and the cure
 */
export function assertBatchable(where: string, { ackMode, sendTo }: Pick<JmsListenerEndpoint, 'ackMode' | 'sendTo'>): void {
  if (ackMode !== 'auto') {
    throw new ConfigurationError(
      `${where}: a batch listener has \`ackMode: 'auto'\`, not '${ackMode}'; to decide about single messages throw BatchListenerFailedError, or return Promise.allSettled(...)`,
    );
  }
  if (sendTo !== undefined) {
    throw new ConfigurationError(
      `${where}: what a batch listener returns is no reply to any of its messages; send with a template instead of @SendTo`,
    );
  }
}

/** Throws for a body that cannot be converted: it is dead-lettered alone then, and the other messages of its batch are handled. */
export function convertPayload(message: JmsMessage): void {
  void message.payload;
}
