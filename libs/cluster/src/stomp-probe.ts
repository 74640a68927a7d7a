import { connect } from 'node:net';
import { LOOPBACK } from './namespace/addresses.js';

/** Name and password the probe logs in with. */
export interface ProbeCredentials {
  readonly user: string;
  readonly password: string;
}

/** What a STOMP CONNECT to a port met: a broker, a broker that says no, nobody, or silence until the deadline. */
export type ProbeResult =
  | { readonly outcome: 'connected'; readonly server: string }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'closed'; readonly reason: string }
  | { readonly outcome: 'silent' };

/** More than any CONNECTED or ERROR frame of ActiveMQ needs, in bytes. */
const MAX_REPLY = 64 * 1024;

/** Sends STOMP CONNECT to `host` (default 127.0.0.1) and reads the one frame that answers; never rejects, takes `deadline` ms (default 2 000) at most. */
export async function probeStomp(port: number, credentials?: ProbeCredentials, deadline = 2_000, host = LOOPBACK): Promise<ProbeResult> {
  return new Promise<ProbeResult>((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    const finish = (result: ProbeResult): void => {
      clearTimeout(timer);
      // Whatever comes after the answer (a reset at the latest) no longer matters.
      socket.removeAllListeners().on('error', () => undefined);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => finish({ outcome: 'silent' }), deadline);
    let reply = '';
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(connectFrame(credentials)));
    socket.on('error', (error) => finish({ outcome: 'closed', reason: error.message }));
    socket.on('close', () => finish({ outcome: 'closed', reason: 'closed without an answer' }));
    socket.on('data', (chunk: string) => {
      reply += chunk;
      if (reply.includes('\0')) {
        finish(judge(reply));
      } else if (reply.length > MAX_REPLY) {
        finish({ outcome: 'refused', reason: 'not a STOMP broker: no frame ended within 64 KiB' });
      }
    });
  });
}

/** STOMP CONNECT without heart-beats. */
export function connectFrame(credentials?: ProbeCredentials): string {
  const login = credentials ? `login:${escapeHeader(credentials.user)}\npasscode:${escapeHeader(credentials.password)}\n` : '';
  return `CONNECT\naccept-version:1.2\nhost:127.0.0.1\nheart-beat:0,0\n${login}\n\0`;
}

/** CONNECT is the one frame STOMP 1.2 does not escape: a line feed in a password cannot be sent at all. */
function escapeHeader(value: string): string {
  return value.replace(/[\r\n\0]/g, '');
}

function judge(reply: string): ProbeResult {
  const [head = ''] = reply.replace(/^[\r\n]+/, '').split(/\r?\n\r?\n|\0/, 1);
  const [command = '', ...headers] = head.split(/\r?\n/);
  const header = (name: string): string | undefined => headers.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1);
  if (command === 'CONNECTED') {
    return { outcome: 'connected', server: header('server') ?? 'unknown' };
  }
  return { outcome: 'refused', reason: command === 'ERROR' ? (header('message') ?? 'ERROR') : 'not a STOMP broker' };
}
