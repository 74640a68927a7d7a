import type { AttemptGate } from '../delivery/attempt-gate.js';
import type { ListenerGateRoom, ListenerGates } from '../listener/listener-gate.js';
import type { ListenerGateMetadataAccessor } from '../listener/listener-gate-metadata.js';
import type { ActiveMqSettings } from './activemq-settings.js';
import type { ListenerEndpoints } from './listener-endpoints.js';

/** What {@link ConnectionGates} works with. */
export interface ConnectionGatesParts {
  readonly settings: ActiveMqSettings;
  readonly endpoints: ListenerEndpoints;
  readonly metadata: ListenerGateMetadataAccessor;
  readonly hasScheduler: () => Promise<boolean>;
}

/** The gates of one connection's listeners, and what they share. */
export class ConnectionGates {
  readonly #parts: ConnectionGatesParts;
  readonly #rooms = new Map<ListenerGateRoom, ListenerGates>();
  readonly #gates = new Map<string, AttemptGate>();

  constructor(parts: ConnectionGatesParts) {
    this.#parts = parts;
  }

  /**
   * Makes the gates; nothing is asked yet.
   *
   * @throws ConfigurationError for a listener whose gate cannot be what its options say
   */
  prepare(): void {
    const { settings, endpoints, metadata } = this.#parts;
    for (const { definition, endpoint } of endpoints.of(settings.name)) {
      const found = metadata.gateOf(definition);
      if (!found) continue;
      const { room, options } = found;
      this.#gates.set(endpoint.id, this.#open(room).create({ endpoint, options, clientId: settings.connection.clientId }));
    }
    if (settings.idempotency !== undefined && this.#gates.size === 0) {
      this.#logger.warn('`idempotency` is configured, but no listener of this connection is decorated with @Idempotent(): nothing uses it');
    }
  }

  /** The gate of a listener; `undefined` when it has none. */
  gateOf(listenerId: string): AttemptGate | undefined {
    return this.#gates.get(listenerId);
  }

  /** Looks whether what the gates need is there; `startup` says what happens while it is not. */
  async start(): Promise<void> {
    for (const gates of this.#rooms.values()) await gates.start(this.#parts.settings.startup);
  }

  /** Ends what the gates opened. */
  async stop(): Promise<void> {
    for (const gates of this.#rooms.values()) await gates.stop();
  }

  #open(room: ListenerGateRoom): ListenerGates {
    let gates = this.#rooms.get(room);
    if (!gates) {
      const { settings, hasScheduler } = this.#parts;
      gates = room.open({ where: settings.where, options: settings.idempotency, logger: this.#logger, hasScheduler });
      this.#rooms.set(room, gates);
    }
    return gates;
  }

  get #logger() {
    return this.#parts.settings.loggerFor('Idempotency');
  }
}
