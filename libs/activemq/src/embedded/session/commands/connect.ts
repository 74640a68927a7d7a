import type { StompFrame, StompHeaders } from '../../../stomp/frame.js';
import { Refusal } from '../../broker/refusal.js';
import { negotiateHeartBeat, negotiateVersion } from '../connect.js';
import type { StompSession } from '../stomp-session.js';

/** Shown as the server in CONNECTED: the behaviour followed, and that it is not the real one. */
const SERVER = 'ActiveMQ/5.17.2-embedded';

/** CONNECT and STOMP: version, heart-beats, login, client id. */
export function onConnect(session: StompSession, { headers }: StompFrame): void {
  const { state, broker } = session;
  if (state.connected) throw new Refusal('Already connected.');
  const version = negotiateVersion(headers);
  const heartBeat = negotiateHeartBeat(headers);
  logIn(session, headers);
  const clientId = headers['client-id'];
  if (clientId !== undefined) {
    broker.connections.claim(clientId, session);
    state.clientId = state.claimedClientId = clientId;
  }
  state.connected = true;
  session.opened(version, heartBeat);
  const request = headers['request-id'] ?? headers['receipt'];
  session.send({
    command: 'CONNECTED',
    headers: {
      server: SERVER,
      'heart-beat': `${heartBeat.write},${heartBeat.read}`,
      session: state.clientId,
      version,
      ...(request === undefined ? {} : { 'response-id': request, 'receipt-id': request }),
    },
  });
}

function logIn(session: StompSession, headers: StompHeaders): void {
  const { user, password } = session.broker.settings;
  session.state.user = headers['login'];
  if (user === undefined) return;
  if (headers['login'] === user && headers['passcode'] === (password ?? '')) return;
  throw new Refusal(`User name [${headers['login'] ?? null}] or password is invalid.`, {
    javaClass: 'java.lang.SecurityException',
    closes: true,
  });
}
