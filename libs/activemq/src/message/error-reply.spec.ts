import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';

import { JmsReplyError } from '../errors/index.js';
import { errorReplyHeaders, readErrorReply } from './error-reply.js';

describe('an error reply', () => {
  it('carries class and message of an error there and back', () => {
    const headers = errorReplyHeaders(new NotFoundException('no order 7'));
    expect(headers).toEqual({ errorClass: 'NotFoundException', errorMessage: 'no order 7' });
    const error = readErrorReply({ headers });
    expect(error).toBeInstanceOf(JmsReplyError);
    expect(error).toMatchObject({ errorClass: 'NotFoundException', errorMessage: 'no order 7', code: 'ERR_AMQ_REPLY', retryable: false });
    expect(error?.message).toBe('The request failed where it was handled: NotFoundException: no order 7');
  });

  it('is bounded and in one line, both when it is written and when it is read', () => {
    const hostile = Object.assign(new Error(`a\r\n\0b\u2028${'x'.repeat(20_000)}`), { name: `N\n${'y'.repeat(20_000)}` });
    const headers = errorReplyHeaders(hostile);
    expect(headers['errorMessage']).toMatch(/^a b x{900,1000}$/);
    expect(headers['errorClass']).toMatch(/^N y{100,200}$/);
    const read = readErrorReply({ headers: { errorClass: `N\n${'y'.repeat(20_000)}`, errorMessage: 'a\nb' } });
    expect(read?.errorClass).toHaveLength(200);
    expect(read?.errorMessage).toBe('a b');
  });

  it.each([
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), 'something that cannot be shown'],
  ])('is made of whatever was thrown: %s', (thrown, errorMessage) => {
    expect(errorReplyHeaders(thrown)).toEqual({ errorClass: 'Error', errorMessage });
  });

  it('is never without a class, which is what makes it one', () => {
    expect(errorReplyHeaders(Object.assign(new Error('x'), { name: '' }))).toEqual({ errorClass: 'Error', errorMessage: 'x' });
    expect(readErrorReply({ headers: { errorMessage: 'an ordinary header' } })).toBeUndefined();
    expect(readErrorReply({ headers: { errorClass: 'E' } })?.errorMessage).toBe('');
  });
});
