import { randomUUID } from 'node:crypto';

import { unlessAborted } from '../stomp/abortable.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders, StompSession } from '../stomp/stomp-session.js';
import { Turn } from '../stomp/turn.js';
import type { Deadline } from './deadline.js';
import { isSchedulerProbe } from './scheduler-probe.js';

const MANAGEMENT = '/topic/ActiveMQ.Scheduler.Management';

/** Asks and orders the scheduler of the broker behind a session, by ActiveMQ's management messages. */
export class ScheduledJobs {
  #lastId = 0;
  #failures = 0;
  /** One list at a time: answers do not tell which question they answer. */
  readonly #turn = new Turn();

  /**
   * Shows every job to `onJob`, the next to fire first; resolves when all were shown.
   *
   * ActiveMQ marks no end. It sends all answers before it takes the next command of the connection, so that a message of our own to the same
   * temporary queue, sent behind the question, comes last. What nobody can guess marks it: a job has whatever headers its sender gave it.
   *
   * @param range `ACTION_START_TIME` and `ACTION_END_TIME`, or neither
   * @param deadline for the whole list
   * @throws the deadline's reason when the list has not ended by then
   */
  browse(session: StompSession, range: OutgoingHeaders, deadline: Deadline, onJob: (job: StompFrame) => void): Promise<void> {
    const browsed = this.#inTurn(() => this.#browse(session, range, deadline, onJob));
    return deadline.signal ? unlessAborted(browsed, deadline.signal) : browsed;
  }

  /** Has the scheduler do `REMOVE` or `REMOVEALL`; ActiveMQ confirms it also when there is nothing to remove. */
  order(session: StompSession, action: 'REMOVE' | 'REMOVEALL', headers: OutgoingHeaders, { left }: Deadline): Promise<void> {
    return session.request('SEND', { ...headers, destination: MANAGEMENT, AMQ_SCHEDULER_ACTION: action }, undefined, left);
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const giveBack = await this.#turn.take();
    try {
      await work();
    } finally {
      giveBack();
    }
  }

  async #browse(session: StompSession, range: OutgoingHeaders, deadline: Deadline, onJob: (job: StompFrame) => void): Promise<void> {
    deadline.signal?.throwIfAborted();
    const id = `scheduled-jobs-${++this.#lastId}`;
    const inbox = `/temp-queue/scheduled-jobs-${this.#failures}`;
    const scheduledJobsEnd = randomUUID();
    let onEnd!: () => void;
    let forget!: () => void;
    const ended = new Promise<Error | undefined>((resolve) => {
      onEnd = () => resolve(undefined);
      forget = session.onClosed(resolve);
    });
    try {
      await session.subscribe(id, { destination: inbox, ack: 'auto' }, (frame) => {
        const { headers } = frame;
        if (isSchedulerProbe(frame)) return;
        if (headers['scheduledJobId'] !== undefined) onJob(frame);
        else if (headers['destination'] === inbox && headers['scheduledJobsEnd'] === scheduledJobsEnd) onEnd();
      });
      await Promise.all([
        session.request(
          'SEND',
          { ...range, destination: MANAGEMENT, AMQ_SCHEDULER_ACTION: 'BROWSE', 'reply-to': inbox },
          undefined,
          deadline.left,
        ),
        session.request('SEND', { destination: inbox, scheduledJobsEnd }, undefined, deadline.left),
      ]);
      const lost = await (deadline.signal ? unlessAborted(ended, deadline.signal) : ended);
      if (lost) throw lost;
    } catch (error) {
      // What comes late is not to be taken for an answer to the next question.
      this.#failures++;
      throw error;
    } finally {
      forget();
      if (session.isOpen) await session.unsubscribe(id);
    }
  }
}
