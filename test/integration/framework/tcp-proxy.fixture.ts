import { connect, createServer, type Server, type Socket } from 'node:net';

/** A port in front of a broker whose connections can be cut, as a network does it: without a word to either side. */
export class TcpProxy {
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #isOpen = true;
  #holding: { readonly text: string; readonly onHeld: (goOn: () => void) => void } | undefined;
  readonly #awaited = new Map<string, () => void>();
  #cutting: { readonly text: string; readonly when: 'before' | 'after'; readonly onCut: () => void } | undefined;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens on a free port of 127.0.0.1. */
  static async before(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** Where clients connect. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Ends every connection; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends every connection, and each new one at once, until {@link repair}. */
  break(): void {
    this.#isOpen = false;
    this.cut();
  }

  /** Undoes {@link break}. */
  repair(): void {
    this.#isOpen = true;
  }

  /**
   * Ends the connection on which a client writes `text`: `before` the broker gets it, or `after` that, before the client gets an answer.
   * Resolves when that has happened; it happens once.
   */
  cutAt(text: string, when: 'before' | 'after'): Promise<void> {
    return new Promise((resolve) => (this.#cutting = { text, when, onCut: resolve }));
  }

  /**
   * Keeps back what the broker writes to the connection on which a client writes `text`, from then on, until it is told to go on.
   *
   * @returns when that has begun, what lets it go on
   */
  holdAnswersTo(text: string): Promise<() => void> {
    return new Promise((resolve) => (this.#holding = { text, onHeld: resolve }));
  }

  /** Resolves when a client writes `text`. */
  written(text: string): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(text, resolve));
  }

  /** Closes the port. */
  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    if (!this.#isOpen) {
      client.destroy();
      return;
    }
    const broker = connect(this.#target, '127.0.0.1');
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
      socket.on('data', (chunk: Buffer) => {
        if (socket === client && this.#isCutBy(chunk, client, broker)) return;
        if (socket === client) this.#hear(chunk, broker);
        if (other.write(chunk)) return;
        socket.pause();
        other.once('drain', () => socket.resume());
      });
    }
  }

  #hear(chunk: Buffer, broker: Socket): void {
    for (const [text, onWritten] of this.#awaited) {
      if (!chunk.includes(text)) continue;
      this.#awaited.delete(text);
      onWritten();
    }
    if (!this.#holding || !chunk.includes(this.#holding.text)) return;
    const { onHeld } = this.#holding;
    this.#holding = undefined;
    broker.pause();
    onHeld(() => broker.resume());
  }

  #isCutBy(chunk: Buffer, client: Socket, broker: Socket): boolean {
    const cutting = this.#cutting;
    if (!cutting || !chunk.includes(cutting.text)) return false;
    this.#cutting = undefined;
    const cut = () => {
      client.destroy();
      cutting.onCut();
    };
    broker.removeAllListeners('data');
    if (cutting.when === 'before') cut();
    else broker.once('data', cut).write(chunk);
    return true;
  }
}
