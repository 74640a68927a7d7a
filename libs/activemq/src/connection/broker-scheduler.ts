import { ConnectError, ConnectionClosedError } from '../errors/index.js';
import { unlessAborted } from '../stomp/abortable.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders, StompSession } from '../stomp/stomp-session.js';
import type { Deadline } from './deadline.js';
import type { Link } from './link.js';
import { ScheduledJobs } from './scheduled-jobs.js';
import type { SchedulerProbe } from './scheduler-probe.js';

/** The scheduler of the broker that a link leads to, once it is known that there is one. */
export class BrokerScheduler {
  readonly #link: Link;
  readonly #probe: SchedulerProbe;
  readonly #jobs = new ScheduledJobs();

  constructor(link: Link, probe: SchedulerProbe) {
    this.#link = link;
    this.#probe = probe;
  }

  /** Resolves with a session whose broker has a scheduler; throws what `ActiveMqConnection.assertScheduler` throws. */
  async session(signal?: AbortSignal): Promise<StompSession> {
    for (;;) {
      const { session } = await this.#link.session(signal);
      try {
        const check = this.#probe.check(session);
        await (check && signal ? unlessAborted(check, signal) : check);
        return session;
      } catch (error) {
        // The next session is asked anew.
        if (session.isOpen || !(error instanceof ConnectionClosedError)) throw error;
      }
    }
  }

  /**
   * Shows every job to `onJob`; see {@link ScheduledJobs.browse}.
   *
   * @throws ConnectError when there was no broker by the deadline
   */
  async browse(range: OutgoingHeaders, deadline: Deadline, onJob: (job: StompFrame) => void): Promise<void> {
    await this.#within(deadline, (session) => this.#jobs.browse(session, range, deadline, onJob));
  }

  /** Has the scheduler remove jobs; throws as {@link browse} does. */
  async order(action: 'REMOVE' | 'REMOVEALL', headers: OutgoingHeaders, deadline: Deadline): Promise<void> {
    await this.#within(deadline, (session) => this.#jobs.order(session, action, headers, deadline));
  }

  async #within({ signal }: Deadline, work: (session: StompSession) => Promise<void>): Promise<void> {
    try {
      await work(await this.session(signal));
    } catch (error) {
      if (error !== signal?.reason || this.#link.current) throw error;
      const why = this.#link.lastFailure;
      const cure = 'start the broker, or give it a longer `timeout`';
      throw new ConnectError(`The scheduler could not be asked in time, because there is no connection; ${cure}${why ? `: ${why}` : ''}`, {
        cause: error,
      });
    }
  }
}
