import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { ActiveMqSettings } from './activemq-settings.js';

/** Connects when modules are initialised, and disconnects after everything that may still send was shut down. */
export class ConnectionLifecycle implements OnModuleInit, OnApplicationShutdown {
  readonly #connection: ActiveMqConnection;
  readonly #settings: ActiveMqSettings;

  constructor(connection: ActiveMqConnection, settings: ActiveMqSettings) {
    this.#connection = connection;
    this.#settings = settings;
  }

  async onModuleInit(): Promise<void> {
    this.#connection.start();
    if (this.#settings.startup !== 'background') await this.#connection.whenConnected();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#connection.close(this.#settings.shutdownTimeout);
  }
}
