import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';

import { ConnectError } from '../errors/index.js';

/** Where and how to open a byte stream to a broker. */
export interface TransportTarget {
  readonly host: string;
  readonly port: number;
  /** TLS instead of plain TCP. */
  readonly secure: boolean;
  /** Whether the kernel probes the connection while it is idle; default false, heart-beats do that. */
  readonly keepAlive?: boolean;
  /** Passed on to `tls.connect`. */
  readonly tls?: tls.ConnectionOptions;
}

/**
 * Opens a TCP or TLS connection with TCP_NODELAY from the first byte (without it one confirmed send takes 44 ms).
 *
 * @param signal ends the attempt, whatever it waits for
 * @throws ConnectError when the peer refuses, the handshake fails or the signal fires first
 */
export function openTransport(target: TransportTarget, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = target.secure ? tls.connect(tlsOptions(target)) : net.connect({ host: target.host, port: target.port });
    socket.setNoDelay(true);
    if (target.keepAlive) socket.setKeepAlive(true);
    const ready = target.secure ? 'secureConnect' : 'connect';
    const settle = (finish: () => void) => {
      socket.off(ready, onReady).off('error', onError).off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (message: string, cause: unknown) =>
      settle(() => {
        // A destroyed socket may still report why; this attempt has its answer already.
        socket.on('error', () => undefined).destroy();
        reject(new ConnectError(message, { cause }));
      });
    const onReady = () => settle(() => resolve(socket));
    const onError = (error: Error) => fail(`Could not connect: ${error.message || String((error as NodeJS.ErrnoException).code)}`, error);
    const onClose = () => fail('The peer closed the connection before it was ready', undefined);
    const onAbort = () => fail(abortMessage(signal), signal.reason);
    socket.once(ready, onReady).once('error', onError).once('close', onClose);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function tlsOptions(target: TransportTarget): tls.ConnectionOptions {
  // SNI takes names only: an IP address there is an error.
  const servername = net.isIP(target.host) === 0 ? { servername: target.host } : {};
  return { ...servername, ...target.tls, host: target.host, port: target.port };
}

function abortMessage(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : 'The attempt was aborted';
}
