import type { BrokerUri } from '../stomp/broker-uri.js';
import { openStompSession } from '../stomp/open-stomp-session.js';
import type { StompSession } from '../stomp/stomp-session.js';
import { openTransport } from '../stomp/transport.js';
import type { ConnectionSettings } from './connection-settings.js';

/** Opens sessions to single brokers with the credentials, TLS and heart-beats of one connection. */
export function sessionOpener(settings: ConnectionSettings, clientId: string | undefined) {
  return (uri: BrokerUri, signal: AbortSignal): Promise<StompSession> => {
    return openStompSession({
      peer: uri.toString(),
      openTransport: (deadline) =>
        uri.scheme === 'vm' ? settings.openVmTransport(uri) : openTransport({ ...uri, ...tlsOf(settings) }, deadline),
      virtualHost: uri.host,
      login: uri.user ?? settings.user,
      passcode: uri.password ?? settings.password,
      clientId,
      heartBeat: settings.heartBeat,
      connectTimeout: uri.options.connectionTimeout ?? settings.connectTimeout,
      receiptTimeout: settings.receiptTimeout,
      signal,
    });
  };
}

function tlsOf(settings: ConnectionSettings): Pick<ConnectionSettings, 'tls'> {
  return settings.tls ? { tls: settings.tls } : {};
}
