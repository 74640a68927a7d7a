import { type Mock, vi } from 'vitest';

import type { BrowseSettings } from '../connection/browse-queue.js';
import type { ConnectionLogger } from '../connection/connection-settings.js';
import type { IncomingDelivery } from '../connection/incoming-delivery.js';
import type { JmsDestination } from '../message/destination.js';
import { JmsMessage } from '../message/jms-message.js';
import { type StompFrame, stompHeaders } from '../stomp/frame.js';
import type { OutgoingHeaders } from '../stomp/stomp-session.js';
import type { SessionTransaction } from '../connection/session-transaction.js';
import { BrokerDeadLetterStrategy } from './dead-letter/broker-dead-letter-strategy.js';
import type { DeadLetterStrategy } from './dead-letter/dead-letter-strategy.js';
import { DeliveryMemory } from './delivery-memory.js';
import type { DeliveryOutcome } from './delivery-outcome.js';
import type { DeliveryTimers } from './delivery-timers.js';
import { DeliveryProcess, type DeliveryProcessSettings } from './delivery-process.js';
import type { ErrorHandlerFunction } from './error-handler.js';
import { FailureDecider } from './failure-decision.js';
import type { AckMode, MessageHandler } from './handler-run.js';
import { InFlightMessage } from './in-flight-message.js';
import { type RedeliveryPolicy, resolveRedeliveryPolicy } from './redelivery-policy.js';
import { Settlement } from './settlement.js';
import { SettlementReport } from './settlement-report.js';
import type { SlotEnd } from './slot-end.js';

/** A delivery of which the broker can be told nothing any more once `lose` was called. */
export function fakeDelivery(headers: Readonly<Record<string, string>> = {}) {
  let isCurrent = true;
  const all = stompHeaders({ 'message-id': 'ID:1', destination: '/queue/orders', ...headers });
  const delivery = {
    frame: { command: 'MESSAGE', headers: all, body: Buffer.from('{}') },
    epoch: 1,
    subscription: {
      get isCurrent() {
        return isCurrent;
      },
    },
    brokerUri: 'stomp://broker:61613',
    get isCurrent() {
      return isCurrent;
    },
    acknowledge: vi.fn(() => isCurrent),
    confirmAcknowledgement: vi.fn(() => Promise.resolve(isCurrent)),
    reject: vi.fn(() => Promise.resolve(isCurrent)),
    replaceWith: vi.fn((_headers: OutgoingHeaders, _body: Buffer) => Promise.resolve(isCurrent)),
    begin: vi.fn((): SessionTransaction => {
      throw new Error('this delivery has no session');
    }),
    acknowledgeIn: vi.fn(() => Promise.resolve()),
    lose: () => {
      isCurrent = false;
    },
  };
  return delivery satisfies IncomingDelivery & { lose: () => void };
}

/** One as ActiveMQ shows an `ObjectMessage`. */
export function withoutBody(headers: Readonly<Record<string, string>> = {}) {
  const delivery = fakeDelivery(headers);
  return { ...delivery, isCurrent: true, frame: { ...delivery.frame, body: Buffer.alloc(0) } };
}

/** The in-flight message of a delivery. */
export function inFlightOf(delivery: IncomingDelivery): InFlightMessage {
  return new InFlightMessage(delivery, new JmsMessage(delivery.frame, { convert: () => undefined }));
}

/** A logger that keeps its lines, as `level: text`. */
export function recordingLogger(): ConnectionLogger & { readonly lines: string[]; readonly stacks: (string | undefined)[] } {
  const lines: string[] = [];
  const stacks: (string | undefined)[] = [];
  const write = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const error = (message: string, stack?: string) => {
    lines.push(`error: ${message}`);
    stacks.push(stack);
  };
  return { lines, stacks, debug: write('debug'), log: write('log'), warn: write('warn'), error };
}

/** Pauses that are over at once, and are counted. */
export const noWaiting = () => {
  const pauses: number[] = [];
  const timers: DeliveryTimers = {
    now: () => performance.now(),
    setTimeout: (callback, delay) => {
      pauses.push(delay);
      return setImmediate(callback);
    },
    clearTimeout: (handle) => clearImmediate(handle as NodeJS.Immediate),
  };
  return { pauses, timers };
};

/** What became of the decision that came last, after its handler had returned. */
export function lateEnd(onDecidedLate: Mock<DeliveryProcessSettings['onDecidedLate']>): Promise<SlotEnd | undefined> | undefined {
  return onDecidedLate.mock.lastCall?.[1];
}

interface BenchOptions {
  readonly ackMode?: AckMode;
  readonly policy?: RedeliveryPolicy;
  readonly deadLetter?: DeadLetterStrategy;
  readonly errorHandler?: ErrorHandlerFunction;
  readonly timers?: DeliveryTimers;
  readonly more?: Partial<DeliveryProcessSettings>;
}

/** A delivery process with everything around it in sight. */
export function processBench(handler: MessageHandler, options: BenchOptions = {}) {
  const logger = recordingLogger();
  const memory = new DeliveryMemory();
  const outcomes: DeliveryOutcome[] = [];
  const send = vi.fn((_headers: OutgoingHeaders, _body: Buffer) => Promise.resolve());
  const browse = vi.fn(async function* (
    _queue: JmsDestination,
    _settings: Pick<BrowseSettings, 'selector' | 'limit'>,
  ): AsyncGenerator<StompFrame> {});
  const strategy = options.deadLetter ?? new BrokerDeadLetterStrategy();
  const settlement = new Settlement({
    listenerId: 'orders',
    deadLetterStrategy: () => strategy,
    send,
    browse,
    report: new SettlementReport('orders', logger, (outcome) => outcomes.push(outcome)),
  });
  const onRecover = vi.fn<(inFlight: InFlightMessage) => void>();
  const onSettledLate = vi.fn<(inFlight: InFlightMessage) => void>();
  const onDecidedLate = vi.fn<DeliveryProcessSettings['onDecidedLate']>();
  const policy = resolveRedeliveryPolicy('bench', options.policy ?? {});
  const process = new DeliveryProcess({
    listenerId: 'orders',
    handler,
    ackMode: options.ackMode ?? 'auto',
    redelivery: () => policy,
    decider: new FailureDecider(logger, options.errorHandler),
    inTransaction: (_transaction, work) => work(),
    settlement,
    memory,
    timers: options.timers,
    onRecover,
    onSettledLate,
    onDecidedLate,
    ...options.more,
  });
  return { process, logger, memory, settlement, outcomes, send, browse, onRecover, onSettledLate, onDecidedLate };
}
