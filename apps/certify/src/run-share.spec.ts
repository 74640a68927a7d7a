import { describe, expect, it } from 'vitest';

import { UsageError } from './arguments.js';
import { parseShareArguments } from './run-share.js';

describe('the command line of share', () => {
  it('has defaults', () => {
    expect(parseShareArguments([])).toEqual({ topology: 'network-static', messages: 10_000, json: false, help: false });
  });

  it('takes every option', () => {
    expect(parseShareArguments(['network-multicast', '--messages', '500', '--json'])).toEqual({
      topology: 'network-multicast',
      messages: 500,
      json: true,
      help: false,
    });
  });

  it.each([
    [['jdbc'], /one of network-static, network-multicast, not 'jdbc'/],
    [['network-static', 'twice'], /not 'twice'/],
    [['--messages', '99'], /--messages is "99"/],
    [['--loud'], /Unknown option '--loud'/],
  ])('refuses %j', (words, problem) => {
    expect(() => parseShareArguments(words)).toThrow(problem);
    expect(() => parseShareArguments(words)).toThrow(UsageError);
  });
});
