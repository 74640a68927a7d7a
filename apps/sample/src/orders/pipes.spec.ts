import { BadRequestException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';

import { LimitPipe } from './limit.pipe.js';
import { OrderPipe } from './order.pipe.js';
import { PlaceOrdersPipe } from './place-orders.pipe.js';

function problemsOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    if (error instanceof BadRequestException) return (error.getResponse() as { message: unknown }).message;
    throw error;
  }
  return 'nothing was wrong';
}

describe('PlaceOrdersPipe', () => {
  const pipe = new PlaceOrdersPipe();

  it('fills in the defaults', () => {
    expect(pipe.transform({ item: 'tea' })).toEqual({ item: 'tea', quantity: 1, count: 1, fails: false });
  });

  it('takes everything there is', () => {
    const body = { item: 'tea', quantity: 1_000, count: 10_000, fails: true };
    expect(pipe.transform(body)).toEqual(body);
  });

  it.each([undefined, null, 'tea', 7, ['tea']])('refuses the body %j', (body) => {
    expect(problemsOf(() => pipe.transform(body))).toEqual([expect.stringContaining('must be a JSON object')]);
  });

  it.each([
    [{}, 'item must be a text of 1 to 200 characters'],
    [{ item: '  ' }, 'item must be a text of 1 to 200 characters'],
    [{ item: 'x'.repeat(201) }, 'item must be a text of 1 to 200 characters'],
    [{ item: 'tea', quantity: 0 }, 'quantity must be a whole number from 1 to 1000'],
    [{ item: 'tea', quantity: '3' }, 'quantity must be a whole number from 1 to 1000'],
    [{ item: 'tea', count: 10_001 }, 'count must be a whole number from 1 to 10000'],
    [{ item: 'tea', count: 1.5 }, 'count must be a whole number from 1 to 10000'],
    [{ item: 'tea', fails: 'yes' }, 'fails must be true or false'],
    [{ item: 'tea', colour: 'green' }, 'the only properties are item, quantity, count, fails'],
  ])('refuses %j', (body, problem) => {
    expect(problemsOf(() => pipe.transform(body))).toEqual([problem]);
  });

  it('tells everything that is wrong at once', () => {
    expect(problemsOf(() => pipe.transform({ item: 1, quantity: -1, count: 0, fails: 0 }))).toHaveLength(4);
  });
});

describe('OrderPipe', () => {
  const order = { id: 'a', item: 'tea', quantity: 2, fails: false };

  it('passes an order on, without what does not belong to it', () => {
    expect(new OrderPipe().transform({ ...order, extra: 1 })).toEqual(order);
  });

  it.each(['text', Buffer.from('bytes'), null, { ...order, id: 7 }, { ...order, quantity: 1e9 }])('refuses the payload %j', (payload) => {
    expect(() => new OrderPipe().transform(payload)).toThrow(BadRequestException);
  });
});

describe('LimitPipe', () => {
  const pipe = new LimitPipe();

  it('has a default', () => {
    expect(pipe.transform(undefined)).toBe(50);
  });

  it('reads a number', () => {
    expect(pipe.transform('500')).toBe(500);
  });

  it.each(['0', '501', '-1', '1.5', 'ten', '', ['1', '2'], '1e2'])('refuses %j', (value) => {
    expect(problemsOf(() => pipe.transform(value))).toEqual(['limit must be a whole number from 1 to 500']);
  });
});
