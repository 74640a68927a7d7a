import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { ConnectionLogger } from '../connection/connection-settings.js';
import { CrashLoopGuard } from '../delivery/crash-loop-guard.js';
import { isPattern, toStompDestination } from '../message/destination.js';
import { both } from '../message/selector-text.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

/** ms for each answer to what the guard asks at the start; without one the listener starts all the same. */
const GUARD_TIMEOUT = 5_000;

/** The crash-loop guard of a listener; `undefined` where it could tell nothing: on topics and patterns, without a limit of redeliveries, and
 * where the broker counts them. */
export function crashLoopGuardOf({
  endpoint,
  connection,
  logger,
}: {
  readonly endpoint: JmsListenerEndpoint;
  readonly connection: ActiveMqConnection;
  readonly logger: ConnectionLogger;
}): CrashLoopGuard | undefined {
  const { id, destinations, redelivery, selector } = endpoint;
  const [destination] = destinations;
  if (!destination || destination.type !== 'queue' || isPattern(destinations)) return undefined;
  const { maximumRedeliveries, mode } = redelivery(destination);
  // In mode 'broker' the broker counts each rejection as an ended consumer, and gives up by itself.
  if (maximumRedeliveries === -1 || mode === 'broker') return undefined;
  return new CrashLoopGuard({
    listenerId: id,
    logger,
    maximumRedeliveries,
    async *browse(condition, limit, signal) {
      await connection.whenConnected(signal);
      yield* connection.browse(toStompDestination([destination]), {
        selector: both(condition, selector),
        limit,
        signal,
        timeout: GUARD_TIMEOUT,
      });
    },
  });
}
