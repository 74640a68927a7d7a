import { createServer, type Server, type Socket } from 'node:net';

import { ActiveMqError } from '../../errors/index.js';

/** Where an embedded broker listens. */
export interface ListenOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`: nobody else's computer can reach it. */
  readonly host?: string;
}

/** Where it really listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Takes TCP connections for a broker. */
export class TcpListener {
  private constructor(
    private readonly server: Server,
    readonly address: ListenAddress,
  ) {}

  /**
   * Opens the port.
   *
   * @throws ActiveMqError (`ERR_AMQ_CONNECT`) when the port cannot be opened
   */
  static async open({ port = 0, host = '127.0.0.1' }: ListenOptions, accept: (socket: Socket) => void): Promise<TcpListener> {
    const server = createServer({ noDelay: true }, accept);
    server.unref();
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) =>
        reject(new ActiveMqError('ERR_AMQ_CONNECT', `The embedded broker cannot listen on ${host}:${port}: ${cause.message}`, { cause })),
      );
      server.listen(port, host, resolve);
    });
    const address = server.address();
    const chosen = typeof address === 'object' && address !== null ? address.port : port;
    return new TcpListener(server, { host, port: chosen });
  }

  /** Closes the port; connections go on. */
  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.close((error) => (error ? reject(error) : resolve()));
    });
  }
}
