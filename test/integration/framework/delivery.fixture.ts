import { type INestApplicationContext, Injectable, type LoggerService, type Type } from '@nestjs/common';
import { JmsListener, JmsListenerEndpointRegistry, type JmsListenerOptions, JmsMessage, type SettlementCounts } from 'nestjs-activemq';
import { vi } from 'vitest';

import type { StompFrame } from '../../../libs/activemq/src/stomp/frame.js';
import type { Bench } from './framework.fixture.js';

/** Two redeliveries, as fast as a test wants them. */
export const FAST = { maximumRedeliveries: 2, initialRedeliveryDelay: 10, redeliveryDelay: 10 };

/** What became of the messages of a listener; without an id, of the first one. */
export function countsOf(app: INestApplicationContext, id?: string): SettlementCounts {
  const registry = app.get(JmsListenerEndpointRegistry);
  return (id === undefined ? registry.getListenerContainers()[0] : registry.getListenerContainer(id))!.counts;
}

/** The dead letters of one send. */
export async function deadLetters(bench: Bench, idempotencyKey: string, queue = 'ActiveMQ.DLQ'): Promise<readonly StompFrame[]> {
  return (await (await bench.client()).browse(queue)).filter(({ headers }) => headers['idempotencyKey'] === idempotencyKey);
}

/** Waits until `condition` no longer throws. */
export function until<T>(condition: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(condition, { timeout: 20_000, interval: 20 });
}

/** A listener class that runs `handle`. */
export function listenerOn(options: JmsListenerOptions | string, handle: (message: JmsMessage) => unknown): Type {
  @Injectable()
  class Listener {
    @JmsListener(options)
    onMessage(message: JmsMessage): unknown {
      return handle(message);
    }
  }
  return Listener;
}

/** Keeps what is logged. */
export class LogLines implements LoggerService {
  readonly #lines: string[] = [];

  /** All of it, with the level of each line. */
  get text(): string {
    return this.#lines.join('\n');
  }

  log(message: string): void {
    this.#lines.push(`log ${message}`);
  }

  warn(message: string): void {
    this.#lines.push(`warn ${message}`);
  }

  error(message: string): void {
    this.#lines.push(`error ${message}`);
  }

  debug(message: string): void {
    this.#lines.push(`debug ${message}`);
  }
}
