import type { BrokerUri } from '../stomp/broker-uri.js';
import { openStompSession } from '../stomp/open-stomp-session.js';
import type { StompSession } from '../stomp/stomp-session.js';
import { openTransport, type TransportTarget } from '../stomp/transport.js';
import type { ConnectionSettings } from './connection-settings.js';

/** Opens sessions to single brokers; what the URI of a broker says wins over what the connection says. */
export function sessionOpener(settings: ConnectionSettings, clientId: string | undefined) {
  return (uri: BrokerUri, signal: AbortSignal): Promise<StompSession> => {
    const { connectionTimeout, maxInactivityDuration } = uri.options;
    return openStompSession({
      peer: uri.toString(),
      openTransport: (deadline) =>
        uri.scheme === 'vm' ? settings.openVmTransport(uri) : openTransport(transportTarget(uri, settings.tls), deadline),
      virtualHost: uri.host,
      login: uri.user ?? settings.user,
      passcode: uri.password ?? settings.password,
      clientId,
      heartBeat:
        maxInactivityDuration === undefined ? settings.heartBeat : { outgoing: maxInactivityDuration, incoming: maxInactivityDuration },
      connectTimeout: connectionTimeout ?? settings.connectTimeout,
      receiptTimeout: settings.receiptTimeout,
      signal,
    });
  };
}

function transportTarget({ host, port, secure, options }: BrokerUri, tls: ConnectionSettings['tls']): TransportTarget {
  // The rest of the verification stays: the certificate must still come from a trusted authority.
  const anyName = options.verifyHostName === false ? { checkServerIdentity: () => undefined } : {};
  return { host, port, secure, keepAlive: options.keepAlive, tls: { ...tls, ...anyName } };
}
