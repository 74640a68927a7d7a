import 'reflect-metadata';
import { type INestApplicationContext, Injectable, type LoggerService } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { NonRetryableError } from '../errors/index.js';
import { JmsListener } from '../listener/jms-listener.decorator.js';
import { JmsMessagingTemplate } from '../template/jms-messaging.template.js';
import { ActiveMqTestingModule, type ActiveMqTestingModuleOptions } from './activemq-testing.module.js';
import { JmsTestHarness } from './jms-test-harness.js';

/** What is logged says nothing that these specs look at. */
export const SILENT: LoggerService = { log: () => undefined, error: () => undefined, warn: () => undefined };

/** An order as the listener under test takes it. */
interface Order {
  readonly id: number;
  /** Attempts that fail; default 0. */
  readonly failures?: number;
  readonly isWrong?: boolean;
}

/** The code under test: it fails as it is told to, and sends an invoice for what it has handled. */
@Injectable()
class OrdersListener {
  readonly handled: number[] = [];
  #failed = 0;

  constructor(private readonly jms: JmsMessagingTemplate) {}

  @JmsListener({ destination: 'orders', id: 'orders' })
  async onOrder({ id, failures = 0, isWrong = false }: Order): Promise<void> {
    if (isWrong) throw new NonRetryableError(`order ${id} is wrong`);
    if (this.#failed < failures) {
      this.#failed++;
      throw new Error(`no luck with ${id}`);
    }
    await this.jms.convertAndSend('invoices', { order: id }, { priority: 7, headers: { region: 'EU' } });
    this.handled.push(id);
  }
}

/** An application of the listener above; `close` ends all. */
export interface TestBench {
  readonly app: INestApplicationContext;
  readonly harness: JmsTestHarness;
  readonly orders: OrdersListener;
  close(): Promise<void>;
}

/** Boots it. */
export async function bootBench(options: ActiveMqTestingModuleOptions = {}): Promise<TestBench> {
  const { overrides, ...others } = options;
  const testing = ActiveMqTestingModule.forRoot({ ...others, overrides: { logger: SILENT, ...overrides } });
  const app = await Test.createTestingModule({ imports: [testing], providers: [OrdersListener] }).compile();
  await app.init();
  const harness = app.get(JmsTestHarness);
  const close = async () => {
    await app.close();
    await harness.close();
  };
  return { app, harness, orders: app.get(OrdersListener), close };
}
