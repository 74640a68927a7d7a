import type { ActiveMqConnection } from '../../connection/activemq-connection.js';
import { ConnectionClosedError } from '../../errors/index.js';

/** Aborts its signal when a connection is closed, or gives up looking for a broker: who waits for messages would wait for ever. */
export class ConnectionEnd {
  readonly #controller = new AbortController();
  readonly #removals: readonly (() => void)[];

  constructor(connection: ActiveMqConnection) {
    const onClosed = () => this.#controller.abort(new ConnectionClosedError('The connection is closed', { retryable: false }));
    this.#removals = [connection.on('closed', onClosed), connection.on('failed', ({ reason }) => this.#controller.abort(reason))];
    if (connection.state === 'closed') onClosed();
    // A receive makes it try anew, as a send does.
    else if (connection.state === 'failed') connection.start();
  }

  /** Aborted with the reason at the connection's end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Stops watching the connection. */
  dispose(): void {
    for (const remove of this.#removals) remove();
  }
}
