import { vi } from 'vitest';

import type { AttemptGate, EnteredAttempt, Entry } from '../delivery/attempt-gate.js';
import { fakeDelivery, recordingLogger } from '../delivery/delivery.fixture.js';
import { InFlightMessage } from '../delivery/in-flight-message.js';
import { SharedDeadLetterStrategy } from '../delivery/dead-letter/index.js';
import { resolveRedeliveryPolicy } from '../delivery/redelivery-policy.js';
import type { JmsListenerEndpoint } from '../listener/jms-listener-endpoint.js';
import { parseDestinations } from '../message/destination.js';
import { JmsMessage } from '../message/jms-message.js';
import { IdempotencyGates } from './idempotency-gates.js';
import type { IdempotencyModuleOptions, IdempotentOptions } from './idempotency-options.js';
import type { IdempotencyStore } from './idempotency-store.js';
import { InMemoryIdempotencyStore } from './in-memory-idempotency-store.js';

/** A listener on `destination`, with what else is said. */
export function endpointOf(destination = 'orders', more: Partial<JmsListenerEndpoint> = {}): JmsListenerEndpoint {
  return {
    id: 'Orders.handle',
    methodName: 'Orders.handle',
    connection: 'default',
    destinations: parseDestinations(destination),
    concurrency: 1,
    prefetch: 1,
    ackMode: 'auto',
    exclusive: false,
    takesPayloads: true,
    replyQosSettings: {},
    errorReplies: false,
    priority: 0,
    autoStartup: true,
    deadLetter: () => new SharedDeadLetterStrategy(),
    redelivery: () => resolveRedeliveryPolicy('test', {}),
    ...more,
  };
}

/** A delivered message with these headers; `body` is its payload too. */
export function deliveryOf(headers: Readonly<Record<string, string>> = {}, body = 'body'): InFlightMessage {
  const delivery = fakeDelivery(headers);
  const frame = { ...delivery.frame, body: Buffer.from(body) };
  return new InFlightMessage({ ...delivery, frame }, new JmsMessage(frame, { convert: (message) => message.text() }));
}

/** What a {@link gateBench} is made from. */
export interface GateBenchOptions {
  readonly store?: IdempotencyStore;
  readonly module?: Partial<IdempotencyModuleOptions>;
  readonly listener?: IdempotentOptions;
  readonly endpoint?: JmsListenerEndpoint;
  readonly hasScheduler?: boolean;
}

/** A gate over a store in memory, started, with everything around it in sight. */
export async function gateBench(options: GateBenchOptions = {}) {
  const { store = new InMemoryIdempotencyStore(), endpoint = endpointOf(), hasScheduler = true } = options;
  const logger = recordingLogger();
  const module: IdempotencyModuleOptions = { store, storeBudgetMs: 0, ...options.module };
  const gates = new IdempotencyGates({
    where: 'ActiveMqModule.forRoot()',
    options: module,
    logger,
    hasScheduler: () => Promise.resolve(hasScheduler),
  });
  const gate = gates.create({ endpoint, clientId: undefined, options: [options.listener ?? {}] });
  await gates.start('background');
  const resume = vi.fn<() => void>();
  const suspend = vi.fn<(until: Promise<void>, reason: string) => void>((until) => void until.then(() => resume()));
  const listener = { suspend, resume };
  gate.attach(listener);
  return { gate, gates, store, logger, listener };
}

/** The attempt of a message that is let in. */
export async function entered(gate: AttemptGate, inFlight: InFlightMessage): Promise<EnteredAttempt> {
  const entry = await gate.enter(inFlight);
  if (entry.kind !== 'enter') throw new Error(`it is not let in: ${JSON.stringify(entry)}`);
  return entry.attempt;
}

/** Takes a message as settlement does, until its entry is no `hold`: how it is let in, or not, in the end. */
export async function enteredInTheEnd(gate: AttemptGate, inFlight: InFlightMessage): Promise<Entry> {
  for (;;) {
    const entry = await gate.enter(inFlight);
    if (entry.kind !== 'hold') return entry;
    await new Promise((resolve) => setTimeout(resolve, entry.delay));
  }
}
