import { AsyncLocalStorage } from 'node:async_hooks';

import type { MessageHandler } from '../delivery/handler-run.js';

/** Knows whether what runs was called by a listener's own handler, which has not ended yet. */
export class HandlerContext {
  readonly #calls = new AsyncLocalStorage<{ isRunning: boolean }>();

  /** Whether this is within a running handler: who waits here for the handlers to end waits for itself. */
  get isInside(): boolean {
    return this.#calls.getStore()?.isRunning ?? false;
  }

  /** The handler, in this context. */
  wrap(handler: MessageHandler): MessageHandler {
    return (message, acknowledgment) => {
      const call = { isRunning: true };
      return this.#calls.run(call, async () => {
        try {
          return await handler(message, acknowledgment);
        } finally {
          call.isRunning = false;
        }
      });
    };
  }
}
