import { Injectable, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createServer, type Server } from 'node:net';

import { isActiveMqError } from '../errors/index.js';
import { JmsListener } from '../listener/jms-listener.decorator.js';
import type { JmsListenerOptions } from '../listener/jms-listener-options.js';
import { ActiveMqModule } from './activemq.module.js';
import type { ActiveMqModuleOptions } from './activemq-module-options.js';

/** A port where nobody speaks STOMP, which counts those who try. */
export class ConnectionCounter {
  connections = 0;
  readonly #server: Server = createServer((socket) => {
    this.connections++;
    socket.destroy();
  });

  /** Resolves with the URL of the port. */
  listen(): Promise<string> {
    return new Promise((resolve) =>
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(`stomp://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`);
      }),
    );
  }

  /** Closes the port. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** A provider `Orders` whose method `handle` listens with these options. */
export function listenerWith(options: Partial<JmsListenerOptions>): Type {
  @Injectable()
  class Orders {
    @JmsListener({ destination: 'orders', ...options })
    handle(_order: unknown): void {}
  }
  return Orders;
}

/** Starts an application as a program does, and returns the error of its start; `undefined` when it started. */
export async function startErrorOf(
  imports: () => ModuleMetadata['imports'],
  providers: ModuleMetadata['providers'] = [],
): Promise<unknown> {
  try {
    @Module({ imports: imports(), providers })
    class App {}
    const app = (await Test.createTestingModule({ imports: [App] }).compile()).createNestApplication({ logger: false });
    try {
      await app.init();
    } finally {
      await app.close();
    }
  } catch (error) {
    if (isActiveMqError(error)) return error;
    throw error;
  }
  return undefined;
}

/** The same for one `forRoot` and the listener {@link listenerWith}. */
export function startErrorWith(options: ActiveMqModuleOptions, listener: Partial<JmsListenerOptions> = {}): Promise<unknown> {
  return startErrorOf(() => [ActiveMqModule.forRoot(options)], [listenerWith(listener)]);
}
