import { type StompFrame, stompHeaders } from '../stomp/frame.js';
import type { MessageConverter } from '../message/message-converter.js';
import { JmsMessage } from '../message/jms-message.js';
import type { MessageSchedule } from '../message/schedule.js';

/** A message that the broker's scheduler holds. */
export interface ScheduledJob {
  /** The scheduler's name for it; deliveries carry it as `scheduledJobId`. */
  readonly jobId: string;
  /** Where it will be delivered, e.g. `queue://orders`. */
  readonly destination: string;
  /** As it was sent. */
  readonly schedule: MessageSchedule;
  /** The key it was sent with; `undefined` for one that another library sent. */
  readonly idempotencyKey: string | undefined;
  /** Payload, headers and body, on its way to the job's destination; its `type` and `messageId` are those of the scheduler's answer. */
  readonly message: JmsMessage;
}

/** Reads an answer of the scheduler. */
export function toScheduledJob(frame: StompFrame, converter: MessageConverter): ScheduledJob {
  const { headers } = frame;
  // The answer came to a temporary queue; that is nothing of the job.
  const addressed = { ...frame, headers: stompHeaders({ ...headers, destination: headers['original-destination'] }) };
  const message = new JmsMessage(addressed, { convert: (received) => converter.fromMessage(received) });
  return {
    jobId: headers['scheduledJobId'] ?? '',
    destination: (headers['original-destination'] ?? '').replace(/^\/([^/]+)\//, '$1://'),
    schedule: {
      ...whole('delay', headers['AMQ_SCHEDULED_DELAY']),
      ...whole('period', headers['AMQ_SCHEDULED_PERIOD']),
      ...whole('repeat', headers['AMQ_SCHEDULED_REPEAT']),
      ...(headers['AMQ_SCHEDULED_CRON'] ? { cron: headers['AMQ_SCHEDULED_CRON'] } : {}),
    },
    idempotencyKey: message.idempotencyKey,
    message,
  };
}

function whole(name: 'delay' | 'period' | 'repeat', text: string | undefined): MessageSchedule {
  return text === undefined || Number(text) === 0 ? {} : { [name]: Number(text) };
}
