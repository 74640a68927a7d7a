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

  /** Begins to wait. */
  add(correlationId: string, reply: PendingReply): void {
    this.#pending.set(correlationId, reply);
  }

  /** Ends a request, answered or not. */
  leave(correlationId: string): void {
    this.#pending.delete(correlationId);
    this.#reserved--;
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
