import type { StompHeaders } from '../../stomp/frame.js';
import { Refusal } from '../broker/refusal.js';
import type { StompSession } from './stomp-session.js';

/** Answers with a RECEIPT when the client asked for one. */
export function confirm(session: StompSession, headers: StompHeaders): void {
  const receipt = headers['receipt'];
  if (receipt === undefined || session.broker.faults.losesReceipt()) return;
  session.send({ command: 'RECEIPT', headers: { 'receipt-id': receipt } });
}

/** @throws Refusal when the client has not said CONNECT */
export function assertConnected(session: StompSession): void {
  if (!session.state.connected) throw new Refusal('Not connected.');
}
