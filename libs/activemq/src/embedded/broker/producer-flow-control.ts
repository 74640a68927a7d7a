import type { Queue } from '../destination/queue.js';
import { messageSize, type BrokerMessage } from './broker-message.js';
import type { BrokerSettings } from './broker-options.js';
import type { MemoryUsage } from './memory-usage.js';
import { Refusal } from './refusal.js';

/** A SEND that found no room, and how it goes on. */
export interface WithheldSend {
  readonly message: BrokerMessage;
  /** There is room: called once, behind the command that made it. */
  proceed(): void;
  /** Its time was over first. */
  refuse(refusal: Refusal): void;
}

/** A withheld SEND in the line of one queue. */
interface Waiting {
  readonly send: WithheldSend;
  queue: Queue;
  timer: unknown;
}

/** Makes producers wait for queues that have reached their `memoryLimit`: ActiveMQ's producer flow control, first come, first served. */
export class ProducerFlowControl {
  readonly #lines = new Map<Queue, Set<Waiting>>();

  constructor(
    private readonly settings: Pick<BrokerSettings, 'clock' | 'sendFailIfNoSpace' | 'sendFailIfNoSpaceAfterTimeout'>,
    private readonly usage: MemoryUsage,
    /** The queues with a `memoryLimit` that a message is to go into. */
    private readonly queuesOf: (message: BrokerMessage) => readonly Queue[],
  ) {}

  /** The queue that a message has to wait for, because it is full or others wait for it already. */
  blocking(message: BrokerMessage): Queue | undefined {
    return this.queuesOf(message).find((queue) => queue.full || this.#lines.has(queue));
  }

  /**
   * Lets a SEND wait; it counts as memory of the broker meanwhile.
   *
   * @returns forgets it
   * @throws Refusal with `sendFailIfNoSpace`
   */
  withhold(queue: Queue, send: WithheldSend): () => void {
    if (this.settings.sendFailIfNoSpace) throw noSpace('reached', queue);
    const waiting: Waiting = { send, queue, timer: undefined };
    const timeout = this.settings.sendFailIfNoSpaceAfterTimeout;
    if (timeout > 0) {
      waiting.timer = this.settings.clock.setTimeout(() => {
        this.#forget(waiting);
        send.refuse(noSpace('Wait Timeout', waiting.queue));
      }, timeout);
    }
    this.usage.charge(messageSize(send.message));
    this.#lineUp(waiting);
    return () => this.#forget(waiting);
  }

  /** A queue has room: those that wait for it go on, behind the command that runs now. */
  onRoom(queue: Queue): void {
    if (this.#lines.has(queue)) queueMicrotask(() => this.#admit(queue));
  }

  /** The broker ends: nobody waits any more, nothing is stored. */
  stop(): void {
    for (const line of this.#lines.values()) for (const waiting of line) this.#forget(waiting);
  }

  #admit(queue: Queue): void {
    while (!queue.full) {
      const [first] = this.#lines.get(queue) ?? [];
      if (first === undefined) return;
      // A composite may find the next of its queues full.
      const next = this.queuesOf(first.send.message).find((other) => other.full);
      if (next === undefined) {
        this.#forget(first);
        first.send.proceed();
      } else {
        this.#leave(first);
        first.queue = next;
        this.#lineUp(first);
      }
    }
  }

  #lineUp(waiting: Waiting): void {
    const line = this.#lines.get(waiting.queue);
    if (line === undefined) this.#lines.set(waiting.queue, new Set([waiting]));
    else line.add(waiting);
  }

  #leave(waiting: Waiting): boolean {
    const line = this.#lines.get(waiting.queue);
    const left = line?.delete(waiting) ?? false;
    if (line?.size === 0) this.#lines.delete(waiting.queue);
    return left;
  }

  #forget(waiting: Waiting): void {
    if (!this.#leave(waiting)) return;
    this.settings.clock.clearTimeout(waiting.timer);
    this.usage.charge(-messageSize(waiting.send.message));
  }
}

function noSpace(what: 'reached' | 'Wait Timeout', { name, bytes }: Queue): Refusal {
  return new Refusal(
    `Usage Manager Memory Limit ${what}. Stopping producer to prevent flooding ${name.qualifiedName}: ` +
      `it holds ${bytes} bytes, which is its memoryLimit or more`,
    { javaClass: 'javax.jms.ResourceAllocationException' },
  );
}
