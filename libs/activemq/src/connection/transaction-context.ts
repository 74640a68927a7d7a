import { AsyncLocalStorage } from 'node:async_hooks';

import type { SessionTransaction } from './session-transaction.js';

/** Which transaction the running code is in: what it awaits and what it calls is in it too. One per connection, so that connections share none. */
export class TransactionContext {
  readonly #storage = new AsyncLocalStorage<SessionTransaction | undefined>();

  /** The transaction of the code that asks; `undefined` outside. */
  get current(): SessionTransaction | undefined {
    return this.#storage.getStore();
  }

  /** Runs `work`, and everything it starts, in a transaction; without one, outside of any. */
  run<T>(transaction: SessionTransaction | undefined, work: () => T): T {
    return this.#storage.run(transaction, work);
  }
}
