import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

import { RespCommands } from './resp-commands.js';

/** A TCP proxy on 127.0.0.1 before one Redis server, that fails as networks do, and counts commands on the wire. */
export class FaultProxy {
  /** Names of the commands that clients sent, in order. */
  readonly commands: string[] = [];
  /** Packets that came from the server, each of which is one answer or several. */
  packetsBack = 0;
  /** Delay in each direction, in ms. */
  latency = 0;
  /** Probability with which a packet from a client cuts its connection. */
  resets = 0;
  private swallowing: ((command: string) => boolean) | undefined;
  private onSwallowed: (() => void) | undefined;
  private readonly clients = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  /** Listens on a free port before `target`. */
  static async start(target: number): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server, target);
    server.on('connection', (client) => proxy.join(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /**
   * Lets the next command that `matches` through, loses its answer and cuts the connection, as a network does that
   * fails in the wrong moment. Resolves when that happened.
   */
  async swallowReplyTo(matches: (command: string) => boolean): Promise<void> {
    this.swallowing = matches;
    return new Promise((resolve) => (this.onSwallowed = resolve));
  }

  /** Cuts every connection. */
  cut(): void {
    for (const client of this.clients) client.resetAndDestroy();
  }

  /** Cuts every connection and listens no more. */
  async stop(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const upstream = connect({ host: '127.0.0.1', port: this.target, noDelay: true });
    client.setNoDelay(true);
    this.clients.add(client);
    const leave = () => {
      this.clients.delete(client);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      // What went wrong is told by the closing that follows.
      socket.on('error', () => undefined);
      socket.on('close', leave);
    }
    let swallow = false;
    const parser = new RespCommands((command) => {
      this.commands.push(command);
      if (!this.swallowing?.(command)) return;
      this.swallowing = undefined;
      swallow = true;
    });
    client.on('data', (bytes) => {
      parser.push(bytes);
      if (Math.random() < this.resets) client.resetAndDestroy();
      else this.pass(bytes, upstream);
    });
    upstream.on('data', (bytes) => {
      this.packetsBack++;
      if (swallow) {
        client.resetAndDestroy();
        this.onSwallowed?.();
      } else {
        this.pass(bytes, client);
      }
    });
  }

  private pass(bytes: Buffer, to: Socket): void {
    if (this.latency === 0) to.write(bytes);
    else setTimeout(() => to.writable && to.write(bytes), this.latency);
  }
}
