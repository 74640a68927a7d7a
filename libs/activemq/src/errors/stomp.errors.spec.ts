import { describe, expect, it } from 'vitest';

import { isActiveMqError } from './activemq.error.js';
import { BrokerError } from './stomp.errors.js';

describe('BrokerError', () => {
  it('keeps what a hostile client made the broker say in one line', () => {
    const said = 'Invalid destination\nERROR [Forged] all is well\u001b[2J\u2028!';
    const error = new BrokerError(said, `stomp://a:61613 refused the connection: ${said}`);
    for (const text of [error.message, error.brokerMessage]) expect(text).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u);
    expect(error.message).toContain('stomp://a:61613 refused the connection: Invalid destination ERROR [Forged] all is well');
  });

  it('is recognised as one of ours, by its brand and not by its class', () => {
    expect(isActiveMqError(new BrokerError('no'))).toBe(true);
    expect([null, undefined, 'text', new Error('no'), { code: 'ERR_AMQ_BROKER' }].map(isActiveMqError)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
