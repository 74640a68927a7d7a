import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { resolveTemplateDefaults } from './template-defaults.js';

describe('resolveTemplateDefaults', () => {
  it('sends persistent messages, waits a minute for their confirmation, and says nothing else', () => {
    expect(resolveTemplateDefaults('here', {}, false)).toEqual({
      persistent: true,
      priority: undefined,
      timeToLive: undefined,
      sendTimeout: 60_000,
      pubSubDomain: false,
    });
  });

  it('keeps what is given, 0 and false among it', () => {
    const given = { persistent: false, priority: 0, timeToLive: 0, sendTimeout: 0 };
    expect(resolveTemplateDefaults('here', given, true)).toEqual({ ...given, pubSubDomain: true });
  });

  it.each([
    [{ priority: 10 }, /here: `priority` is 10; it must be a number from 0 to 9/],
    [{ priority: 4.5 }, /here: `priority` is 4\.5; it must be a whole number/],
    [{ timeToLive: -1 }, /here: `timeToLive` is -1/],
    [{ sendTimeout: Number.NaN }, /here: `sendTimeout` is/],
    [{ persistent: 'yes' }, /here: `persistent` must be true or false/],
    [{ deliveryMode: 2 }, /here: unknown option `deliveryMode`.*Known options: sendTimeout, persistent, priority, timeToLive/],
  ])('refuses %o', (defaults, why) => {
    expect(() => resolveTemplateDefaults('here', defaults as never, false)).toThrow(ConfigurationError);
    expect(() => resolveTemplateDefaults('here', defaults as never, false)).toThrow(why);
  });
});
