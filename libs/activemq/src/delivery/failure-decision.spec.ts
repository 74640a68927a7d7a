import { BadRequestException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';

import { NonRetryableError, RetryAfterError } from '../errors/index.js';
import { fakeDelivery, inFlightOf, recordingLogger } from './delivery.fixture.js';
import type { ErrorHandlerFunction } from './error-handler.js';
import { FailureDecider } from './failure-decision.js';
import { type RedeliveryPolicy, resolveRedeliveryPolicy } from './redelivery-policy.js';

const { message } = inFlightOf(fakeDelivery());

function bench(errorHandler?: ErrorHandlerFunction, policy: RedeliveryPolicy = {}) {
  const logger = recordingLogger();
  const decider = new FailureDecider(logger, errorHandler);
  const resolved = resolveRedeliveryPolicy('bench', policy);
  const decide = (error: unknown, attempt = 1) => decider.decide(error, { message, attempt, listenerId: 'orders' }, resolved);
  return { logger, decide };
}

describe('a failed attempt without an error handler', () => {
  it('is followed by another one, until they are used up', async () => {
    const { decide } = bench(undefined, { maximumRedeliveries: 2, initialRedeliveryDelay: 5, redeliveryDelay: 7 });
    expect(await Promise.all([1, 2, 3].map((attempt) => decide(new Error('no'), attempt)))).toEqual([
      { kind: 'retry', delay: 5 },
      { kind: 'retry', delay: 7 },
      { kind: 'dead-letter', reason: 'its 2 redeliveries are used up' },
    ]);
  });

  it('is not when the error says that it cannot help', async () => {
    const { decide } = bench(undefined, { maximumRedeliveries: -1 });
    for (const error of [new NonRetryableError('no'), new BadRequestException()]) {
      expect(await decide(error)).toEqual({ kind: 'dead-letter', reason: 'the error is not retryable' });
    }
  });

  it('is, when nobody can look at the error', async () => {
    const { proxy, revoke } = Proxy.revocable(new Error('no'), {});
    revoke();
    const { decide, logger } = bench(undefined, { initialRedeliveryDelay: 5 });
    expect(await decide(proxy)).toEqual({ kind: 'retry', delay: 5 });
    expect(logger.lines[0]).toContain('`retryable` failed on an error, which counts as retryable');
  });

  it('waits as long as the error asks, as one of the attempts', async () => {
    const { decide } = bench(undefined, { maximumRedeliveries: 1 });
    expect([await decide(new RetryAfterError(123)), await decide(new RetryAfterError(123), 2)]).toEqual([
      { kind: 'retry', delay: 123 },
      { kind: 'dead-letter', reason: 'its one redelivery is used up' },
    ]);
  });

  it.each([
    [Infinity, 2_147_483_647],
    [2 ** 40, 2_147_483_647],
    [1.4, 1],
    [NaN, 5],
    [-1, 5],
    ['10', 5],
  ])('waits no longer than a timer can, when a foreign error asks for %s', async (delay, expected) => {
    const { decide } = bench(undefined, { initialRedeliveryDelay: 5 });
    const foreign = Object.create(new RetryAfterError(1), { delay: { value: delay } }) as Error;
    expect(await decide(foreign)).toEqual({ kind: 'retry', delay: expected });
  });

  it('follows `retryable`, which is asked neither about a NonRetryableError nor about a RetryAfterError', async () => {
    const asked: unknown[] = [];
    const retryable = (error: unknown) => {
      asked.push(error);
      return error instanceof BadRequestException;
    };
    const { decide } = bench(undefined, { retryable });
    const errors = [new BadRequestException(), new TypeError('no'), new NonRetryableError('no'), new RetryAfterError(1)];
    expect((await Promise.all(errors.map((error) => decide(error)))).map(({ kind }) => kind)).toEqual([
      'retry',
      'dead-letter',
      'dead-letter',
      'retry',
    ]);
    expect(asked).toEqual(errors.slice(0, 2));
  });

  it('is retried when `retryable` itself fails, and says so', async () => {
    const { decide, logger } = bench(undefined, {
      retryable: () => {
        throw new TypeError('oops');
      },
    });
    expect((await decide(new Error('no'))).kind).toBe('retry');
    expect(logger.lines).toEqual(["error: Listener 'orders': `retryable` failed on an error, which counts as retryable: TypeError: oops"]);
  });
});

describe('an error handler', () => {
  it.each([
    ['ack', { kind: 'acknowledge', reason: 'the error handler takes it as handled' }],
    ['discard', { kind: 'discard', reason: 'the error handler discards it' }],
    ['dead-letter', { kind: 'dead-letter', reason: 'the error handler gives it up' }],
    ['retry', { kind: 'retry', delay: 1_000 }],
    [undefined, { kind: 'retry', delay: 1_000 }],
  ] as const)('that returns %s', async (decision, expected) => {
    expect(await bench(() => decision).decide(new Error('no'))).toEqual(expected);
    expect(await bench(() => Promise.resolve(decision)).decide(new Error('no'))).toEqual(expected);
  });

  it('is told the error, the message, the attempt and what the policy thinks', async () => {
    const told: unknown[] = [];
    const error = new NonRetryableError('no');
    await bench((...args) => void told.push(...args), { maximumRedeliveries: 4 }).decide(error, 3);
    expect(told).toEqual([error, { message, attempt: 3, listenerId: 'orders', maximumRedeliveries: 4, isRetryable: false }]);
  });

  it('can have retried what is not retryable, but not without end', async () => {
    const { decide } = bench(() => 'retry', { maximumRedeliveries: 1 });
    expect([(await decide(new NonRetryableError('no'))).kind, (await decide(new NonRetryableError('no'), 2)).kind]).toEqual([
      'retry',
      'dead-letter',
    ]);
  });

  it.each<[string, ErrorHandlerFunction]>([
    ['fails', () => Promise.reject(new Error('oops'))],
    ['returns nonsense', () => 'nack' as never],
  ])('that %s leaves it to the policy, and the log says so', async (_, handler) => {
    const { decide, logger } = bench(handler);
    expect(await decide(new Error('no'))).toEqual({ kind: 'retry', delay: 1_000 });
    expect(logger.lines).toEqual([expect.stringMatching(/^error: Listener 'orders': its error handler .*the redelivery policy decides/)]);
  });
});
