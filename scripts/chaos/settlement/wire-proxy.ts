import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import { FrameScanner } from './frame-scanner.js';

/** What is done about a frame: let it pass, or hold it and all that follows on its connection. */
type FrameVerdict = 'pass' | 'hold';

/** Looks at each frame, in both directions, before it passes. */
export type FrameWatch = (command: string) => FrameVerdict;

/** A port of 127.0.0.1 before a broker's STOMP port: frames are seen as they pass, and connections can be cut. */
export class WireProxy {
  /** Looks at frames; `undefined` lets all pass. */
  watch: FrameWatch | undefined;
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  /** Listens on a free port before `target`. */
  static async before(target: number): Promise<WireProxy> {
    const proxy = new WireProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Where clients connect. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  /** Resets every connection, on both sides. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Cuts every connection and listens no more. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  #join(client: Socket): void {
    const broker = connect(this.#target, '127.0.0.1');
    const connection = { isHeld: false };
    this.#pipe(client, broker, connection);
    this.#pipe(broker, client, connection);
  }

  #pipe(from: Socket, to: Socket, connection: { isHeld: boolean }): void {
    const scanner = new FrameScanner();
    from.setNoDelay(true);
    this.#sockets.add(from);
    // What went wrong is told by the closing that follows.
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.on('data', (bytes) => {
      for (const { bytes: piece, command } of scanner.push(bytes)) {
        if (command !== undefined && this.watch?.(command) === 'hold') connection.isHeld = true;
        if (!connection.isHeld && to.writable) to.write(piece);
      }
    });
  }
}
