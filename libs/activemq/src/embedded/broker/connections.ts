import { Refusal } from './refusal.js';

/** Something that holds a connection open and can be ended. */
export interface Connection {
  /** Ends it at once, as the death of the process would. */
  destroy(): void;
  /** Shown to a client that asks for the same client id. */
  readonly remoteAddress: string;
}

/** The connections of one broker, and the client ids they have taken. */
export class Connections {
  readonly #open = new Set<Connection>();
  readonly #clients = new Map<string, Connection>();

  constructor(private readonly brokerName: string) {}

  get size(): number {
    return this.#open.size;
  }

  add(connection: Connection): void {
    this.#open.add(connection);
  }

  /** @throws Refusal when another connection has the client id; it is not taken over, as in ActiveMQ */
  claim(clientId: string, connection: Connection): void {
    const other = this.#clients.get(clientId);
    if (other !== undefined && other !== connection) {
      throw new Refusal(`Broker: ${this.brokerName} - Client: ${clientId} already connected from ${other.remoteAddress}`, {
        javaClass: 'javax.jms.InvalidClientIDException',
        closes: true,
      });
    }
    this.#clients.set(clientId, connection);
  }

  remove(connection: Connection, clientId: string | undefined): void {
    this.#open.delete(connection);
    if (clientId !== undefined && this.#clients.get(clientId) === connection) this.#clients.delete(clientId);
  }

  /** Ends all of them at once. */
  destroyAll(): void {
    for (const connection of this.#open) connection.destroy();
  }
}
