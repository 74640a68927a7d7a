import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { ActiveMqSettings } from './activemq-settings.js';
import type { ConnectionGates } from './connection-gates.js';
import type { ConnectionRegistry } from './connection-registry.js';
import type { ListenerEndpoints } from './listener-endpoints.js';
import type { ShutdownDeadline } from './shutdown-deadline.js';
import type { VmBrokers } from './vm-brokers.js';

/** What a {@link ConnectionLifecycle} works with. */
export interface ConnectionLifecycleParts {
  readonly connection: ActiveMqConnection;
  readonly settings: ActiveMqSettings;
  readonly endpoints: ListenerEndpoints;
  readonly connections: ConnectionRegistry;
  readonly vmBrokers: VmBrokers;
  readonly shutdown: ShutdownDeadline;
  readonly gates: ConnectionGates;
}

/** Connects when modules are initialised, and disconnects after everything that may still send was shut down. */
export class ConnectionLifecycle implements OnModuleInit, OnApplicationShutdown {
  readonly #parts: ConnectionLifecycleParts;

  constructor(parts: ConnectionLifecycleParts) {
    this.#parts = parts;
  }

  async onModuleInit(): Promise<void> {
    const { connection, settings, endpoints, gates } = this.#parts;
    // A listener that is wrong lets the start fail before anything connects, also while no broker answers.
    endpoints.of(settings.name);
    gates.prepare();
    connection.start();
    if (settings.startup !== 'background') await connection.whenConnected();
  }

  async onApplicationShutdown(): Promise<void> {
    const { connection, settings, connections, vmBrokers, shutdown, gates } = this.#parts;
    await gates.stop();
    await connection.close(shutdown.left(settings.shutdownTimeout));
    // An embedded broker outlives every connection that may be using it.
    if (connections.unregister(connection.name) === 0) await vmBrokers.stop();
  }
}
