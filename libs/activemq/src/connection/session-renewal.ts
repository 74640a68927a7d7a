import { ConnectionClosedError } from '../errors/index.js';
import type { Link, LinkSession } from './link.js';
import type { MessageConsumer, Rest } from './message-consumer.js';
import type { TemporaryQueueObserver } from './temporary-queue.js';
import { within } from './within.js';

/** Who uses a session that is renewed. */
export interface SessionUsers {
  readonly consumers: ReadonlySet<Pick<MessageConsumer, 'rest'>>;
  /** Who waits for replies. */
  readonly temporaryQueues: ReadonlySet<Pick<TemporaryQueueObserver, 'quiet' | 'pause'>>;
}

/** Leaves the session of a link for a new one when nobody would notice; one renewal at a time. */
export class SessionRenewal {
  readonly #link: Pick<Link, 'current' | 'leave'>;
  readonly #users: SessionUsers;
  #running: Promise<boolean> | undefined;

  constructor(link: Pick<Link, 'current' | 'leave'>, users: SessionUsers) {
    this.#link = link;
    this.#users = users;
  }

  /**
   * Leaves the session when no handler of its consumers runs, since what still ran would be handled by somebody else too, and nobody waits for a
   * reply, since its queue ends with the session. Who asks while another renewal is under way shares it: two of them would end each other's rest.
   *
   * @param timeout ms that running handlers and requests get to end, while no other one starts
   * @returns false when some still run, or wait for a decision: nothing has changed then
   * @throws what DISCONNECT failed with; the session is ended all the same
   */
  renew(timeout: number): Promise<boolean> {
    this.#running ??= this.#renew(timeout).finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #renew(timeout: number): Promise<boolean> {
    const left = this.#link.current;
    const end = performance.now() + timeout;
    const ends: (() => void)[] = [];
    try {
      // A reply may have to come from a handler of ours: it gets some time before those rest. A handler may ask too: requests go on until they do.
      await within(timeout / 2, this.#quiet());
      if (!(await this.#atRest(ends, end))) return false;
      for (const queue of this.#users.temporaryQueues) ends.push(queue.pause?.() ?? (() => undefined));
      if (!(await within(end - performance.now(), this.#quiet()))) return false;
      // The replies may have taken their time.
      if (!(await this.#atRest(ends, end))) return false;
      // When it has died meanwhile, what came after it remembers nothing, and stays.
      if (left) await this.#leave(left);
      return true;
    } finally {
      for (const endOne of ends) endOne();
    }
  }

  async #leave(left: LinkSession): Promise<void> {
    const reason = `${left.uri.toString()} is left for a new session: it remembers what was acknowledged in transactions`;
    await this.#link.leave(left, new ConnectionClosedError(reason));
  }

  /** Whether nothing runs of any consumer, also of those that were made while the others came to rest. */
  async #atRest(ends: (() => void)[], end: number): Promise<boolean> {
    for (let asked = 0; ;) {
      const rests: Rest[] = [...this.#users.consumers].map((consumer) => consumer.rest());
      for (const rest of rests) ends.push(() => rest.end());
      const idle = Promise.all(rests.map((rest) => rest.idle));
      if (!(await within(end - performance.now(), idle)) || (await idle).includes(false)) return false;
      if (asked === rests.length) return true;
      asked = rests.length;
    }
  }

  async #quiet(): Promise<void> {
    await Promise.all([...this.#users.temporaryQueues].map(async (queue) => queue.quiet?.()));
  }
}
