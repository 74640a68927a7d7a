import { isSameBroker, type BrokerUri } from './broker-uri.js';
import { attempt, reasonOf, type SessionOpener } from './failover-attempt.js';
import type { FailoverLogger } from './failover-logger.js';
import type { FailoverUri } from './failover-uri.js';
import { reconnectDelay } from './reconnect-delay.js';
import { sleep } from './reconnect-sleep.js';

interface Probe<S> {
  readonly uri: FailoverUri;
  readonly open: SessionOpener<S>;
  readonly logger: FailoverLogger;
  readonly discard?: (session: S) => void;
}

/** Probes the priority brokers with growing pauses until one opens a session; `undefined` when there is none to look for, or when aborted. */
export async function watchPriority<S>(
  { uri: { options }, open, logger, discard }: Probe<S>,
  random: () => number,
  current: BrokerUri,
  signal: AbortSignal,
): Promise<{ session: S; uri: BrokerUri } | undefined> {
  const priority = options.priorityURIs;
  if (!options.priorityBackup || priority.some((uri) => isSameBroker(uri, current))) return undefined;
  for (let pauses = 0; ; pauses++) {
    await sleep(reconnectDelay(options, pauses, random()), signal);
    for (const uri of priority) {
      if (signal.aborted) return undefined;
      try {
        const session = await attempt(open, uri, signal, discard);
        logger.log(`The priority broker ${uri.toString()} can be reached again; moving from ${current.toString()}`);
        return { session, uri };
      } catch (error) {
        logger.debug(`Failed to reach the priority broker ${uri.toString()}, reason: ${reasonOf(error, uri)}`);
      }
    }
  }
}
