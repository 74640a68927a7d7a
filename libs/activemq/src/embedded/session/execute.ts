import type { StompFrame } from '../../stomp/frame.js';
import { Refusal } from '../broker/refusal.js';
import { onAck, onNack } from './commands/acknowledge.js';
import { onConnect } from './commands/connect.js';
import { onSend } from './commands/send.js';
import { onSubscribe } from './commands/subscribe.js';
import { onAbort, onBegin, onCommit } from './commands/transaction.js';
import { onUnsubscribe } from './commands/unsubscribe.js';
import { assertConnected, confirm } from './confirm.js';
import type { StompSession } from './stomp-session.js';

type Handler = (session: StompSession, frame: StompFrame) => void;

/** By the beginning of the command, in ActiveMQ's order: `SUB` is as good as `SUBSCRIBE`. */
const HANDLERS: readonly (readonly [string, Handler])[] = [
  ['SEND', onSend],
  ['ACK', confirmed(onAck)],
  ['NACK', confirmed(onNack)],
  ['BEGIN', confirmed(onBegin)],
  ['COMMIT', confirmed(onCommit)],
  ['ABORT', confirmed(onAbort)],
  ['SUB', onSubscribe],
  ['UNSUB', confirmed(onUnsubscribe)],
  ['CONNECT', onConnect],
  ['STOMP', onConnect],
  ['DISCONNECT', onDisconnect],
];

/**
 * Does what a frame asks for.
 *
 * @throws Refusal to be answered with an ERROR frame
 * @throws ConnectionDrop where ActiveMQ closes without a word
 */
export function execute(session: StompSession, frame: StompFrame): void {
  const handler = HANDLERS.find(([command]) => frame.command.startsWith(command))?.[1];
  if (handler === undefined) throw new Refusal(`Unknown STOMP action: ${frame.command}`, { closes: true });
  handler(session, frame);
}

function confirmed(handler: Handler): Handler {
  return (session, frame) => {
    assertConnected(session);
    handler(session, frame);
    confirm(session, frame.headers);
  };
}

function onDisconnect(session: StompSession, frame: StompFrame): void {
  if (!session.state.connected) return;
  confirm(session, frame.headers);
  session.end();
}
