import { copyMessage, copyProperties, type BrokerMessage } from '../broker/broker-message.js';
import type { StoredJob } from '../store/message-store.js';

const MANAGEMENT = 'activemq.scheduler.management';

/** What a management message can do. */
export interface ManagedScheduler {
  readonly jobs: readonly StoredJob[];
  remove(id: string): void;
}

/** Tells whether a message is a question or an order to the scheduler. */
export function isManagement(message: BrokerMessage): boolean {
  return message.destination.physicalName.toLowerCase().startsWith(MANAGEMENT);
}

/** Answers `BROWSE` (one message per job to `reply-to`, no end marker) and does `REMOVE` and `REMOVEALL`. */
export function manageJobs(scheduler: ManagedScheduler, message: BrokerMessage, deliver: (reply: BrokerMessage) => void): void {
  const action = message.properties['AMQ_SCHEDULER_ACTION'];
  const { replyTo } = message;
  if (action === 'BROWSE' && replyTo !== undefined) {
    for (const job of selected(scheduler, message)) deliver(shown(job, replyTo));
  }
  const id = message.properties['scheduledJobId'];
  if (action === 'REMOVE' && id !== undefined) scheduler.remove(id);
  if (action === 'REMOVEALL') for (const job of selected(scheduler, message)) scheduler.remove(job.id);
}

function selected(scheduler: ManagedScheduler, message: BrokerMessage): StoredJob[] {
  const from = message.properties['ACTION_START_TIME'];
  const to = message.properties['ACTION_END_TIME'];
  const jobs = scheduler.jobs.toSorted((a, b) => a.nextTime - b.nextTime);
  if (from === undefined || to === undefined) return jobs;
  return jobs.filter((job) => job.nextTime >= Number(from) && job.nextTime <= Number(to));
}

function shown(job: StoredJob, replyTo: NonNullable<BrokerMessage['replyTo']>): BrokerMessage {
  return copyMessage(job.message, {
    destination: replyTo,
    originalDestination: job.message.destination,
    type: 'Advisory',
    persistent: false,
    properties: copyProperties(job.message.properties, { scheduledJobId: job.id }),
  });
}
