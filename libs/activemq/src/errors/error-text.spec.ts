import { BadRequestException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';

import { toErrorStack, toErrorText } from './error-text.js';

describe('toErrorText', () => {
  it('is class and message', () => {
    expect(toErrorText(new TypeError('no'))).toBe('TypeError: no');
    expect([toErrorText('text'), toErrorText(undefined), toErrorText({})]).toEqual(['text', 'undefined', '[object Object]']);
  });

  it.each(['\n', '\r\n', '\u001b[31m', '\0', '\u009b2J', '\u2028', '\u2029', '\u007f'])('lets %j into no log', (control) => {
    const text = toErrorText(new Error(`before${control}[Nest] LOG forged`));
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(text).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028\u2029]/);
    expect(text).toMatch(/^Error: before .*forged$/);
  });

  it('is bounded', () => {
    expect(toErrorText(new Error('x'.repeat(1_000_000))).length).toBe(1_000);
  });
});

describe('toErrorStack', () => {
  it('shows where it was thrown', () => {
    expect(toErrorStack(new Error('no'))).toMatch(/^Error: no\n +at .*error-text\.spec/);
  });

  it('has the message in one line, so that no line of it passes for one of the log', () => {
    const stack = toErrorStack(new Error('a\n[Nest] 1 - LOG [Payments] paid\u001b[2J\nb')) ?? '';
    const [first = '', ...frames] = stack.split('\n');
    expect(first).toContain('a [Nest] 1 - LOG [Payments] paid [2J b');
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.every((line) => /^\s+at /.test(line))).toBe(true);
  });

  it('is none for what has none, and survives a stack of another message', () => {
    const renamed = new Error('before');
    renamed.message = 'after';
    expect([toErrorStack('text'), toErrorStack(undefined)]).toEqual([undefined, undefined]);
    expect(toErrorStack(renamed)).toMatch(/^Error: after\n +at /);
    const odd = new Error('no');
    odd.stack = undefined;
    expect(toErrorStack(odd)).toBeUndefined();
  });
});

it('shows what a validation pipe found wrong, which Nest keeps in the response', () => {
  const error = new BadRequestException(['id must be a number', 'name should not be empty\nERROR forged']);
  expect(toErrorText(error)).toBe(
    'BadRequestException: Bad Request Exception (id must be a number; name should not be empty ERROR forged)',
  );
  expect(toErrorText(new BadRequestException('no such order'))).toBe('BadRequestException: no such order');
});
