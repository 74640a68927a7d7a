import type { ModuleRef } from '@nestjs/core';
import { describe, expect, it, vi } from 'vitest';

import type { FailedAttempt } from '../delivery/error-handler.js';
import { ErrorHandlers } from './error-handlers.js';

const FAILED = {} as FailedAttempt;
const handlers = (...provided: readonly object[]) =>
  new ErrorHandlers({
    get: (type: new () => object) => {
      const found = provided.find((instance) => instance instanceof type);
      if (!found) throw new Error('Nest could not find it');
      return found;
    },
  } as unknown as ModuleRef);

class WithMethod {
  handleError() {
    return 'ack' as const;
  }
}
class WithField {
  handleError = () => 'discard' as const;
}
class Nope {}

describe('the option errorHandler', () => {
  it('takes functions and objects as they are', () => {
    const handle = vi.fn(() => 'retry' as const);
    const error = new Error('no');
    expect(handlers().resolve('orders', handle)?.(error, FAILED)).toBe('retry');
    expect(handlers().resolve('orders', { handleError: handle })?.(error, FAILED)).toBe('retry');
    function old() {
      return 'ack' as const;
    }
    expect(handlers().resolve('orders', old)?.(error, FAILED)).toBe('ack');
  });

  it.each([
    [WithMethod, 'ack'],
    [WithField, 'discard'],
  ])('takes the provider of %o, whatever its handleError is', (type, decision) => {
    expect(handlers(new type()).resolve('orders', type as typeof WithMethod)?.(new Error('no'), FAILED)).toBe(decision);
  });

  it('refuses a class that nobody provides, and one that handles no errors', () => {
    expect(() => handlers().resolve('orders', WithField)).toThrow(
      "Listener 'orders': no module provides its error handler WithField; add it",
    );
    expect(() => handlers(new Nope()).resolve('orders', Nope as never)).toThrow(
      "Listener 'orders': its error handler Nope has no method handleError(error, failed); add it",
    );
  });
});
