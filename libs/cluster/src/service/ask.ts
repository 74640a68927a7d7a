import { connect } from 'node:net';
import { LOOPBACK } from '../namespace/addresses.js';

/** Where a server listens; `host` default `127.0.0.1`. */
export interface Endpoint {
  readonly host?: string;
  readonly port: number;
}

/** The most a server may answer, in bytes. */
const MOST_BYTES = 256 * 1024;

/**
 * Sends `request` to a server and collects the answer until `enough` says so or the peer closes; undefined when nobody listens, the
 * answer is too long, or `deadline` ms (default 2 000) pass. Never rejects.
 */
export async function ask(
  { host = LOOPBACK, port }: Endpoint,
  request: Buffer,
  enough: (answer: Buffer) => boolean,
  deadline = 2_000,
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    let answer = Buffer.alloc(0);
    const finish = (result: Buffer | undefined): void => {
      clearTimeout(timer);
      // Whatever comes after the answer (a reset at the latest) no longer matters.
      socket.removeAllListeners().on('error', () => undefined);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => finish(undefined), deadline);
    socket.on('connect', () => socket.write(request));
    socket.on('error', () => finish(undefined));
    socket.on('close', () => finish(answer.length > 0 ? answer : undefined));
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (enough(answer)) {
        finish(answer);
      } else if (answer.length > MOST_BYTES) {
        finish(undefined);
      }
    });
  });
}
