import type { RedisCommands } from './redis-commands.js';

/** Where the store gets its client from. */
export interface RedisSource {
  /** Resolves when there is a client to call. */
  commands(): RedisCommands | Promise<RedisCommands>;
  /** What went wrong with the connection last, while nobody called. */
  readonly lastError: Error | undefined;
  /** Ends connections that are ours. */
  close(): Promise<void>;
}

/** A client that was given to us: its owner connects and closes it. */
export class GivenClient implements RedisSource {
  readonly lastError = undefined;

  constructor(private readonly client: RedisCommands) {}

  commands(): RedisCommands {
    return this.client;
  }

  async close(): Promise<void> {}
}
