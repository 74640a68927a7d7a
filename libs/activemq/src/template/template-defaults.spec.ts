import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { resolveTemplateDefaults } from './template-defaults.js';

describe('resolveTemplateDefaults', () => {
  it('sends persistent messages, waits a minute for their confirmation, receives as Spring does, and says nothing else', () => {
    expect(resolveTemplateDefaults('here', {}, false)).toEqual({
      persistent: true,
      priority: undefined,
      timeToLive: undefined,
      sendTimeout: 60_000,
      pubSubDomain: false,
      receiving: { receiveTimeout: 0, replyTimeout: 30_000, maxPendingRequests: 1_000 },
    });
  });

  it('keeps what is given, 0 and false among it', () => {
    const given = { persistent: false, priority: 0, timeToLive: 0, sendTimeout: 0 };
    expect(resolveTemplateDefaults('here', given, true)).toMatchObject({ ...given, pubSubDomain: true });
    const receiving = { receiveTimeout: -1, replyTimeout: 0, maxPendingRequests: 1 };
    expect(resolveTemplateDefaults('here', receiving, true)).toMatchObject({ receiving });
  });

  it.each([
    [{ priority: 10 }, /here: `priority` is 10; it must be a number from 0 to 9/],
    [{ priority: 4.5 }, /here: `priority` is 4\.5; it must be a whole number/],
    [{ timeToLive: -1 }, /here: `timeToLive` is -1/],
    [{ sendTimeout: Number.NaN }, /here: `sendTimeout` is/],
    [{ persistent: 'yes' }, /here: `persistent` must be true or false/],
    [{ receiveTimeout: -2 }, /here: `receiveTimeout` is -2/],
    [{ replyTimeout: -1 }, /here: `replyTimeout` is -1/],
    [{ maxPendingRequests: 0 }, /here: `maxPendingRequests` is 0/],
    [{ deliveryMode: 2 }, /here: unknown option `deliveryMode`.*Known options: sendTimeout, persistent, priority, timeToLive/],
  ])('refuses %o', (defaults, why) => {
    expect(() => resolveTemplateDefaults('here', defaults as never, false)).toThrow(ConfigurationError);
    expect(() => resolveTemplateDefaults('here', defaults as never, false)).toThrow(why);
  });
});
