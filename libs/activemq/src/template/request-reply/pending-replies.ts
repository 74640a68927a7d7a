import type { OpenTemporaryQueue } from '../../connection/temporary-queue.js';
import { IllegalStateError } from '../../errors/index.js';
import type { StompFrame } from '../../stomp/frame.js';

/** A request that waits for its reply. */
export interface PendingReply {
  /** Where the reply comes to. */
  readonly queue: OpenTemporaryQueue;
  readonly resolve: (reply: StompFrame) => void;
  readonly reject: (error: Error) => void;
}

/** The requests that wait for replies, by correlation id; bounded. */
export class PendingReplies {
  readonly #pending = new Map<string, PendingReply>();
  readonly #limit: number;
  #reserved = 0;
  #late = 0;
  readonly #onQuiet: (() => void)[] = [];
  #paused: Promise<void> | undefined;

  /** @param limit requests that may wait at once */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Replies that came when nobody waited for them any more. */
  get late(): number {
    return this.#late;
  }

  /** Requests that wait now, or are about to. */
  get size(): number {
    return this.#reserved;
  }

  /**
   * Takes a place for a request; give it back with {@link leave}.
   *
   * @throws IllegalStateError when there is none
   */
  enter(): void {
    if (this.#reserved >= this.#limit) {
      throw new IllegalStateError(
        `${this.#limit} requests wait for their replies, and \`maxPendingRequests\` allows no more: send fewer at once, or raise it`,
        { retryable: true },
      );
    }
    this.#reserved++;
  }

  /** Resolves when no request waits for its reply. */
  quiet(): Promise<void> {
    return this.#pending.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#onQuiet.push(resolve));
  }

  /** Resolves when requests may begin; `undefined` when they may now. */
  get paused(): Promise<void> | undefined {
    return this.#paused;
  }

  /** No request shall begin until the returned function is called. */
  pause(): () => void {
    let end!: () => void;
    this.#paused = new Promise((resolve) => (end = resolve));
    return () => {
      this.#paused = undefined;
      end();
    };
  }

  /** Begins to wait. */
  add(correlationId: string, reply: PendingReply): void {
    this.#pending.set(correlationId, reply);
  }

  /** Ends a request, answered or not. */
  leave(correlationId: string): void {
    this.#pending.delete(correlationId);
    this.#reserved--;
    if (this.#pending.size === 0) for (const resolve of this.#onQuiet.splice(0)) resolve();
  }

  /** Hands a reply to whoever waits for it; false when nobody does. */
  answer(reply: StompFrame): boolean {
    const pending = this.#pending.get(reply.headers['correlation-id'] ?? '');
    if (!pending) {
      this.#late++;
      return false;
    }
    pending.resolve(reply);
    return true;
  }

  /** A temporary queue is gone: no reply will come to it. */
  fail(queue: OpenTemporaryQueue, error: Error): void {
    for (const pending of this.#pending.values()) if (pending.queue === queue) pending.reject(error);
  }
}
