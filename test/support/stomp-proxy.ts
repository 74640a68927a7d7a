import { connect, createServer, type Server, type Socket } from 'node:net';

/** A frame as it went over the wire. */
export interface WireFrame {
  readonly command: string;
  /** Command and headers. */
  readonly text: string;
}

/** A port before a broker that writes down the frames of both directions in the order in which they came, and can cut the connection after one. */
export class StompProxy {
  /** What was sent, by either side; heart-beats left out. */
  readonly frames: WireFrame[] = [];
  readonly #sockets = new Set<Socket>();
  #cutAfter: ((frame: WireFrame) => boolean) | undefined;
  #onCut: () => void = () => undefined;

  private constructor(
    private readonly server: Server,
    target: number,
  ) {
    server.on('connection', (client) => this.#join(client, target));
  }

  /** Listens on a free port of 127.0.0.1. */
  static async before(target: number): Promise<StompProxy> {
    const server = createServer();
    const proxy = new StompProxy(server, target);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Passes the next frame of a client that matches on, and cuts every connection when the broker has answered it. Resolves then. */
  cutAfterNext(matches: (frame: WireFrame) => boolean): Promise<void> {
    this.#cutAfter = matches;
    return new Promise((resolve) => (this.#onCut = resolve));
  }

  /** Closes the port. */
  async close(): Promise<void> {
    this.#cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket, target: number): void {
    const broker = connect(target, '127.0.0.1');
    let isDoomed = false;
    const fromClient = new FrameReader((frame) => {
      this.frames.push(frame);
      if (!this.#cutAfter?.(frame)) return;
      this.#cutAfter = undefined;
      isDoomed = true;
    });
    const fromBroker = new FrameReader((frame) => this.frames.push(frame));
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (bytes) => {
      fromClient.push(bytes);
      broker.write(bytes);
    });
    broker.on('data', (bytes) => {
      if (isDoomed) {
        this.#cut();
        this.#onCut();
        return;
      }
      fromBroker.push(bytes);
      client.write(bytes);
    });
  }
}

/** Splits a stream at the NUL that ends each frame; bodies of these tests hold none. */
class FrameReader {
  #rest = '';

  constructor(private readonly onFrame: (frame: WireFrame) => void) {}

  push(bytes: Buffer): void {
    this.#rest += bytes.toString('latin1');
    for (let end = this.#rest.indexOf('\0'); end >= 0; end = this.#rest.indexOf('\0')) {
      const frame = this.#rest.slice(0, end).replace(/^\s+/, '');
      this.#rest = this.#rest.slice(end + 1);
      const head = frame.split(/\r?\n\r?\n/)[0] ?? '';
      this.onFrame({ command: head.split(/\r?\n/)[0] ?? '', text: head });
    }
  }
}
