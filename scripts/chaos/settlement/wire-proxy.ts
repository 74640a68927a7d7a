import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import { FrameScanner } from './frame-scanner.js';

/** What is done about a frame: let it pass, or hold it and all that follows on its connection. */
type FrameVerdict = 'pass' | 'hold';

/** What lets the frames pass that are held, in their order; `undefined` while none is. */
interface Connection {
  held: (() => void)[] | undefined;
}

/** Looks at each frame, in both directions, before it passes. */
export type FrameWatch = (command: string) => FrameVerdict;

/** A port of 127.0.0.1 before a broker's STOMP port: frames are seen as they pass, and connections can be cut. */
export class WireProxy {
  /** Looks at frames; `undefined` lets all pass. */
  watch: FrameWatch | undefined;
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** One for each connection that is held. */
  readonly #held: (() => void)[] = [];

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

  /** Lets go on what was held. */
  release(): void {
    for (const letGo of this.#held.splice(0)) letGo();
  }

  /** Resets every connection, on both sides. */
  cut(): void {
    this.#held.length = 0;
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
    const connection: Connection = { held: undefined };
    this.#pipe(client, broker, connection);
    this.#pipe(broker, client, connection);
  }

  #pipe(from: Socket, to: Socket, connection: Connection): void {
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
        if (command !== undefined && this.watch?.(command) === 'hold') this.#hold(connection);
        const pass = () => to.writable && to.write(piece);
        if (connection.held) connection.held.push(pass);
        else pass();
      }
    });
  }

  #hold(connection: Connection): void {
    if (connection.held) return;
    const held: (() => void)[] = [];
    connection.held = held;
    this.#held.push(() => {
      connection.held = undefined;
      for (const pass of held) pass();
    });
  }
}
