import { describe, expect, it } from 'vitest';

import type { JmsMessage } from '../message/jms-message.js';
import { deliveryOf, entered, gateBench } from './idempotency-gate.fixture.js';

describe('a key extractor', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['an empty text', ''],
    ['NaN', NaN],
    ['an object', {}],
    ['an array', ['a']],
    ['a function', () => 'a'],
    ['a symbol', Symbol('a')],
  ])('that returns %s has its message dead-lettered unhandled, and shows nothing of the value', async (_, value) => {
    const { gate } = await gateBench({ listener: { key: () => value as never } });
    const entry = await gate.enter(deliveryOf({ idempotencyKey: '1' }));
    expect(entry).toMatchObject({ kind: 'refuse', reason: expect.stringMatching(/^IDEMPOTENCY_KEY_MISSING/) as string });
    expect(gate.snapshot.refused).toBe(1);
  });

  it('that throws has its message dead-lettered with the error attached', async () => {
    const cause = new TypeError('no such thing');
    const key = () => {
      throw cause;
    };
    const { gate } = await gateBench({ listener: { key } });
    const entry = await gate.enter(deliveryOf());
    expect(entry).toMatchObject({ kind: 'refuse', reason: expect.stringMatching(/^IDEMPOTENCY_KEY_ERROR/) as string, error: { cause } });
  });

  it.each([
    ['a text', '1'],
    ['a number', 1],
    ['a bigint', 1n],
  ])('may return %s: the same key', async (_, value) => {
    const { gate } = await gateBench({ listener: { key: () => value } });
    await (await entered(gate, deliveryOf())).complete(undefined);
    const { gate: other } = await gateBench({ store: undefined, listener: { key: () => value } });
    expect((await other.enter(deliveryOf())).kind).toBe('enter');
    expect((await gate.enter(deliveryOf())).kind).toBe('completed');
  });

  it.each([
    ['true', true],
    ['zero', 0],
    ['an emoji', '😀'],
    ['NUL', 'a\0b'],
    ['ten megabytes', 'x'.repeat(10_000_000)],
    ['a lone surrogate', '\ud800'],
  ])('may return %s', async (_, value) => {
    const { gate } = await gateBench({ listener: { key: () => value } });
    await (await entered(gate, deliveryOf())).complete(undefined);
    expect((await gate.enter(deliveryOf())).kind).toBe('completed');
  });

  it('reads the payload', async () => {
    const { gate } = await gateBench({ listener: { key: (message) => (message as JmsMessage<string>).payload } });
    await (await entered(gate, deliveryOf({}, 'a'))).complete(undefined);
    expect((await gate.enter(deliveryOf({ 'message-id': 'ID:2' }, 'a'))).kind).toBe('completed');
    expect((await gate.enter(deliveryOf({ 'message-id': 'ID:3' }, 'b'))).kind).toBe('enter');
  });
});

describe('a message without a key', () => {
  it('is known by the id of the original, else by its own, which is told once', async () => {
    const { gate, logger } = await gateBench();
    await (await entered(gate, deliveryOf({ 'message-id': 'ID:1' }))).complete(undefined);
    expect((await gate.enter(deliveryOf({ 'message-id': 'ID:1' }))).kind).toBe('completed');
    expect((await gate.enter(deliveryOf({ 'message-id': 'ID:9', originalMessageId: 'ID:1' }))).kind).toBe('completed');
    expect(logger.lines.filter((line) => /^debug: .*broker's id/.test(line))).toHaveLength(1);
  });

  it('never becomes one with another', async () => {
    const { gate } = await gateBench();
    expect((await gate.enter(deliveryOf({ 'message-id': 'ID:1' }))).kind).toBe('enter');
    expect((await gate.enter(deliveryOf({ 'message-id': 'ID:2' }))).kind).toBe('enter');
    expect(await gate.enter(deliveryOf({ 'message-id': '' }))).toMatchObject({ kind: 'refuse' });
  });

  it('is refused where a key is required', async () => {
    const { gate } = await gateBench({ listener: { requireKey: true } });
    expect(await gate.enter(deliveryOf())).toMatchObject({ kind: 'refuse', reason: expect.stringContaining('requireKey') as string });
  });

  it('is handled unprotected, and counted, where the options say so', async () => {
    const { gate } = await gateBench({ listener: { requireKey: true, onMissingKey: 'process' } });
    const attempt = await entered(gate, deliveryOf());
    const { getIdempotencyContext } = await import('./idempotency-context.js');
    expect(await attempt.run(() => Promise.resolve(getIdempotencyContext()))).toMatchObject({ key: '', token: '', unprotected: true });
    expect(await attempt.complete(undefined)).toEqual({ kind: 'completed' });
    expect(gate.snapshot.unprotected).toBe(1);
  });
});
