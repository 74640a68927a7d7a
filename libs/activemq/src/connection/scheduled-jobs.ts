import { ReceiptTimeoutError } from '../errors/index.js';
import { unlessAborted } from '../stomp/abortable.js';
import type { StompFrame } from '../stomp/frame.js';
import type { OutgoingHeaders, StompSession } from '../stomp/stomp-session.js';
import { Deadline } from './deadline.js';

const MANAGEMENT = '/topic/ActiveMQ.Scheduler.Management';

/** Asks and orders the scheduler of the broker behind a session, by ActiveMQ's management messages. */
export class ScheduledJobs {
  #lastId = 0;
  #failures = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * Shows every job to `onJob`, the next to fire first; resolves when all were shown.
   *
   * ActiveMQ marks no end. It sends all answers before it takes the next command of the connection, so that a message of our own to the same
   * temporary queue, sent behind the question, comes last.
   *
   * @param range `ACTION_START_TIME` and `ACTION_END_TIME`, or neither
   * @param timeout ms for the whole list
   * @throws ReceiptTimeoutError when the list has not ended by then
   */
  browse(session: StompSession, range: OutgoingHeaders, timeout: number, onJob: (job: StompFrame) => void): Promise<void> {
    // One at a time: answers do not tell which question they answer.
    const browsed = this.#turn.then(() => this.#browse(session, range, timeout, onJob));
    this.#turn = browsed.catch(() => undefined);
    return browsed;
  }

  /** Has the scheduler do `REMOVE` or `REMOVEALL`; ActiveMQ confirms it also when there is nothing to remove. */
  order(session: StompSession, action: 'REMOVE' | 'REMOVEALL', headers: OutgoingHeaders, timeout: number): Promise<void> {
    return session.request('SEND', { ...headers, destination: MANAGEMENT, AMQ_SCHEDULER_ACTION: action }, undefined, timeout);
  }

  async #browse(session: StompSession, range: OutgoingHeaders, timeout: number, onJob: (job: StompFrame) => void): Promise<void> {
    const id = `scheduled-jobs-${++this.#lastId}`;
    const inbox = `/temp-queue/scheduled-jobs-${this.#failures}`;
    const deadline = new Deadline(
      timeout,
      () => new ReceiptTimeoutError(`The broker did not list its scheduled jobs within ${timeout} ms`, timeout),
    );
    let onEnd!: () => void;
    const ended = new Promise<void>((resolve) => (onEnd = resolve));
    try {
      await session.subscribe(id, { destination: inbox, ack: 'auto' }, (frame) => {
        if (frame.headers['scheduledJobsEnd'] === id) onEnd();
        else onJob(frame);
      });
      await Promise.all([
        session.request(
          'SEND',
          { ...range, destination: MANAGEMENT, AMQ_SCHEDULER_ACTION: 'BROWSE', 'reply-to': inbox },
          undefined,
          deadline.left,
        ),
        session.request('SEND', { destination: inbox, scheduledJobsEnd: id }, undefined, deadline.left),
      ]);
      await unlessAborted(ended, deadline.signal!);
    } catch (error) {
      // What comes late is not to be taken for an answer to the next question.
      this.#failures++;
      throw error;
    } finally {
      deadline.clear();
      if (session.isOpen) await session.unsubscribe(id);
    }
  }
}
