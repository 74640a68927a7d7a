import { ConfigurationError } from '../errors/index.js';
import { FAILOVER_OPTION_NAMES } from './failover-option-names.js';
import { refusedBrokerParameter } from './broker-uri-refused.js';
import { badValue, readBoolean, readInteger, unknownParameter, type UriQuery } from './broker-uri-query.js';

/** What the query of one broker URI may set; `undefined` where the URI says nothing, then the connection's own value holds. */
export interface BrokerUriOptions {
  /** Deadline in ms, 1 or more, until the STOMP session is open: TCP, TLS and CONNECTED together. */
  readonly connectionTimeout?: number | undefined;
  /** Whether the kernel probes an idle connection (`SO_KEEPALIVE`). */
  readonly keepAlive?: boolean | undefined;
  /** `wireFormat.maxInactivityDuration`: the heart-beat asked for in both directions, in ms; 0 turns heart-beats off. */
  readonly maxInactivityDuration?: number | undefined;
  /** `verifyHostName` or `socket.verifyHostName`: whether the certificate must name the host; TLS schemes only. */
  readonly verifyHostName?: boolean | undefined;
}

/** The parameters that a broker URI takes. */
export const BROKER_URI_PARAMETERS = [
  'connectionTimeout',
  'keepAlive',
  'tcpNoDelay',
  'wireFormat.maxInactivityDuration',
  'verifyHostName',
  'socket.verifyHostName',
] as const;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads the query of a broker URI.
 *
 * @param where which URI, for errors; must hold no credentials
 * @throws ConfigurationError for a parameter that is unknown, has no meaning over STOMP, or has a bad value
 */
export function readBrokerUriOptions(query: UriQuery, kind: 'plain' | 'tls' | 'vm', where: string): BrokerUriOptions {
  const options: Mutable<BrokerUriOptions> = {};
  for (const [name, value] of query) {
    if (kind === 'vm') {
      throw new ConfigurationError(
        `${where}: parameter "${name}" has no meaning: a vm:// URI takes none, the embedded broker has its own options`,
      );
    }
    switch (name as (typeof BROKER_URI_PARAMETERS)[number]) {
      case 'connectionTimeout':
        options.connectionTimeout = readInteger(name, value, 1, where);
        break;
      case 'keepAlive':
        options.keepAlive = readBoolean(name, value, where);
        break;
      case 'tcpNoDelay':
        // TCP_NODELAY is always on: without it a send that awaits its receipt takes 40 ms.
        if (!readBoolean(name, value, where)) throw badValue(name, value, 'true only; it is always on here', where);
        break;
      case 'wireFormat.maxInactivityDuration':
        options.maxInactivityDuration = readInteger(name, value, 0, where);
        break;
      case 'verifyHostName':
      case 'socket.verifyHostName':
        if (kind !== 'tls')
          throw new ConfigurationError(`${where}: ${name} has no meaning without TLS; use the scheme stomp+ssl or leave it out`);
        if (options.verifyHostName !== undefined) {
          throw new ConfigurationError(`${where}: verifyHostName and socket.verifyHostName are the same option; keep one of them`);
        }
        options.verifyHostName = readBoolean(name, value, where);
        break;
      default:
        throw refused(name, where);
    }
  }
  return options;
}

function refused(name: string, where: string): ConfigurationError {
  if (FAILOVER_OPTION_NAMES.includes(name) || name.startsWith('nested.')) {
    return new ConfigurationError(
      `${where}: "${name}" is an option of the list of brokers, not of one broker; put the list into parentheses and the option behind them: failover:(uri,uri)?${name}=...`,
    );
  }
  const instead = refusedBrokerParameter(name);
  if (instead !== undefined) return new ConfigurationError(`${where}: parameter "${name}" has no meaning over STOMP: ${instead}`);
  return unknownParameter(name, BROKER_URI_PARAMETERS, where);
}
