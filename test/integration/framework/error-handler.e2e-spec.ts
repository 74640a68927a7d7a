import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import {
  type ErrorHandler,
  type ErrorHandlerDecision,
  type ErrorHandlerOption,
  type FailedAttempt,
  JmsListenerEndpointRegistry,
  JmsMessagingTemplate,
  NonRetryableError,
} from 'nestjs-activemq';
import { describe, expect, it, vi } from 'vitest';

import { countsOf, deadLetters, FAST, listenerOn, LogLines, until } from './delivery.fixture.js';
import { Bench } from './framework.fixture.js';

const bench = Bench.forFile();

/** What a provider of its own needs, to see that the error handler class is one. */
@Injectable()
class Rules {
  decision: ErrorHandlerDecision | undefined;
}

@Injectable()
class RuledErrorHandler implements ErrorHandler {
  constructor(private readonly rules: Rules) {}

  handleError(): ErrorHandlerDecision | undefined {
    return this.rules.decision;
  }
}

/** An application whose listener always fails with `error`, and the end of one message in it. */
async function failingApp(errorHandler: ErrorHandlerOption | undefined, parts: Failing = {}) {
  const { error = new Error('no'), moduleHandler, rules } = parts;
  const queue = bench.queue();
  const handled = vi.fn();
  const Listener = listenerOn({ destination: queue, id: 'orders', redelivery: FAST, errorHandler }, ({ deliveryCount }) => {
    handled(deliveryCount);
    throw error;
  });
  const logger = new LogLines();
  const app = await bench.app({
    providers: [Listener, RuledErrorHandler, { provide: Rules, useValue: rules ?? new Rules() }],
    options: { logger, listener: { errorHandler: moduleHandler } },
  });
  const errors: unknown[] = [];
  app.get(JmsListenerEndpointRegistry).outcomes$.subscribe(({ error }) => errors.push(error));
  const { idempotencyKey } = await app.get(JmsMessagingTemplate).convertAndSend(queue, 'x');
  const client = await bench.client();
  await until(async () => {
    const { acknowledged, deadLettered, discarded } = countsOf(app);
    expect(acknowledged + deadLettered + discarded).toBe(1);
    expect(await client.bodies(queue)).toEqual([]);
  });
  return { counts: countsOf(app), attempts: handled.mock.calls.length, dead: await deadLetters(bench, idempotencyKey), logger, errors };
}

interface Failing {
  readonly error?: Error;
  readonly moduleHandler?: ErrorHandlerOption;
  readonly rules?: Rules;
}

/** How each decision ends: attempts, what is counted, the reason on the dead letter. */
const ENDS: readonly (readonly [ErrorHandlerDecision, number, object, readonly string[]])[] = [
  ['ack', 1, { acknowledged: 1, redeliveries: 0 }, []],
  ['discard', 1, { discarded: 1, redeliveries: 0 }, []],
  ['dead-letter', 1, { deadLettered: 1, redeliveries: 0 }, ['the error handler gives it up']],
  ['retry', 3, { deadLettered: 1, redeliveries: 2 }, ['its 2 redeliveries are used up']],
];

const KINDS: readonly (readonly [string, (decision: ErrorHandlerDecision) => { option: ErrorHandlerOption; rules?: Rules }])[] = [
  ['a function', (decision) => ({ option: () => decision })],
  ['an async function', (decision) => ({ option: async () => Promise.resolve(decision) })],
  ['an object', (decision) => ({ option: { handleError: () => decision } })],
  ['a provider, by its class,', (decision) => ({ option: RuledErrorHandler, rules: { decision } })],
];

describe.each(KINDS)('%s as the error handler', (_, handlerFor) => {
  it.each(ENDS)('decides: %s', async (decision, attempts, counts, reasons) => {
    const { option, rules } = handlerFor(decision);
    const end = await failingApp(option, { rules });
    expect(end.attempts).toBe(attempts);
    expect(end.counts).toMatchObject(counts);
    expect(end.dead.map(({ headers }) => headers['deadLetterReason'])).toEqual(reasons);
  });
});

describe('an error handler', () => {
  it('of the module counts where the listener has none of its own', async () => {
    expect((await failingApp(undefined, { moduleHandler: () => 'discard' })).counts).toMatchObject({ discarded: 1 });
    expect((await failingApp(() => 'ack', { moduleHandler: () => 'discard' })).counts).toMatchObject({ discarded: 0, acknowledged: 1 });
    const rules: Rules = { decision: 'dead-letter' };
    expect((await failingApp(undefined, { moduleHandler: RuledErrorHandler, rules })).counts).toMatchObject({ deadLettered: 1 });
  });

  it('is told the error, as those who observe outcomes$ are, and all that is known of the attempt', async () => {
    const asked: (readonly [unknown, FailedAttempt])[] = [];
    const error = new NonRetryableError('no stock');
    const { errors } = await failingApp((reason, failed) => void asked.push([reason, failed]), { error });
    expect([asked.length, errors.length]).toEqual([1, 1]);
    expect(errors[0]).toBe(error);
    const [reason, { message, ...failed }] = asked[0]!;
    expect(reason).toBe(error);
    expect(message.text()).toBe('x');
    expect(failed).toEqual({ attempt: 1, maximumRedeliveries: 2, listenerId: 'orders', isRetryable: false });
  });

  it('may have a message tried again that its error gives up, within the limit of the policy', async () => {
    const end = await failingApp(() => 'retry', { error: new NonRetryableError('no stock') });
    expect([end.attempts, end.counts.redeliveries, end.dead.length]).toEqual([3, 2, 1]);
  });

  const UNDECIDED: readonly (readonly [string, ErrorHandlerOption, RegExp])[] = [
    ['throws', () => Promise.reject(new Error('the handler broke')), /error .*its error handler failed, .*the handler broke/],
    [
      'returns what is no decision',
      (() => 'requeue') as never,
      /error .*its error handler returned a value of type string, which is none of ack, retry/,
    ],
  ];
  it.each(UNDECIDED)('that %s leaves it to the policy, and the log says so', async (_, handler, line) => {
    const end = await failingApp(handler);
    expect([end.attempts, end.counts.redeliveries, end.dead.length]).toEqual([3, 2, 1]);
    expect(end.logger.text).toMatch(line);
  });

  it('that decides nothing leaves it to the policy without a word', async () => {
    const end = await failingApp(() => undefined);
    expect([end.attempts, end.dead.length, end.logger.text.includes('its error handler')]).toEqual([3, 1, false]);
  });

  it('that no module provides fails the start, and names the listener', async () => {
    @Injectable()
    class Missing implements ErrorHandler {
      handleError(): undefined {
        return undefined;
      }
    }
    const queue = bench.queue();
    const providers = [listenerOn({ destination: queue, id: 'orders', errorHandler: Missing }, () => undefined)];
    await expect(bench.app({ providers })).rejects.toThrow("Listener 'orders': no module provides its error handler Missing");
  });
});
