import { expect, it } from 'vitest';

import { causesOf } from './causes-of.js';

it('tells an error and its causes, from the outside in', () => {
  const inner = new Error('inner');
  const outer = new Error('outer', { cause: inner });
  expect(causesOf(outer)).toEqual([outer, inner]);
  expect([causesOf('text'), causesOf(undefined), causesOf(new Error('x', { cause: 'text' })).length]).toEqual([[], [], 1]);
});

it('ends with causes that lead in a circle', () => {
  const error = new Error('a');
  error.cause = new Error('b', { cause: error });
  expect(causesOf(error)).toHaveLength(20);
});

it('ends before what cannot be read', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const error = new Error('a', { cause: proxy });
  expect([causesOf(error), causesOf(proxy)]).toEqual([[error], []]);
});
