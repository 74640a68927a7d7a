import type { Duplex } from 'node:stream';
import type tls from 'node:tls';

import type { BrokerUri } from '../stomp/broker-uri.js';
import type { FailoverUri } from '../stomp/failover-uri.js';
import type { HeartBeatIntervals } from '../stomp/heart-beat.js';

/** The name of a connection that was given none. */
export const DEFAULT_CONNECTION_NAME = 'default';

/** Where a connection writes its log lines. */
export interface ConnectionLogger {
  debug(message: string): void;
  log(message: string): void;
  warn(message: string): void;
  error(message: string, stack?: string): void;
}

/** A password, or a function that is asked for it at each connect, so that it can change. */
export type Password = string | (() => string | Promise<string>);

/** Everything an {@link ActiveMqConnection} is made from; validated and complete. */
export interface ConnectionSettings {
  readonly name: string;
  readonly failover: FailoverUri;
  readonly user?: string;
  readonly password?: Password;
  /** JMS client id; only the consuming link carries it, a broker takes each id once. */
  readonly clientId?: string;
  readonly tls?: tls.ConnectionOptions;
  readonly heartBeat: HeartBeatIntervals;
  /** ms for one broker to open a session. */
  readonly connectTimeout: number;
  /** ms to wait for receipts of everything but SENDs. */
  readonly receiptTimeout: number;
  /** ms between attempts to subscribe when the broker refuses. */
  readonly recoveryInterval: number;
  readonly sendWindow: { readonly messages: number; readonly bytes: number };
  /** Opens the byte stream for a `vm://` URI. */
  readonly openVmTransport: (uri: BrokerUri) => Promise<Duplex>;
  readonly logger: ConnectionLogger;
}
