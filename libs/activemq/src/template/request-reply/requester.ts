import { v7 as uuidv7 } from 'uuid';

import type { ActiveMqConnection } from '../../connection/activemq-connection.js';
import { Deadline } from '../../connection/deadline.js';
import type { OpenTemporaryQueue, TemporaryQueue } from '../../connection/temporary-queue.js';
import { ConnectError, ConnectionClosedError, JmsReplyTimeoutError, SendError } from '../../errors/index.js';
import { readErrorReply } from '../../message/error-reply.js';
import { JmsMessage } from '../../message/jms-message.js';
import type { MessageConverter } from '../../message/message-converter.js';
import { MESSAGE_HEADERS } from '../../message/message-headers.js';
import type { OutgoingMessage } from '../../message/outgoing-message.js';
import { unlessAborted } from '../../stomp/abortable.js';
import { type StompFrame, stompHeaders } from '../../stomp/frame.js';
import { PendingReplies } from './pending-replies.js';

/** What a {@link Requester} works with. */
export interface RequesterContext {
  readonly connection: ActiveMqConnection;
  readonly converter: MessageConverter;
  readonly maxPendingRequests: number;
}

/** How one request waits. */
export interface RequestWait {
  /** ms for connection, sending and reply together; 0 waits for ever. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** A reply, and who took the request. */
export interface Answer {
  readonly reply: JmsMessage;
  /** The SEND headers of the request, as they were written. */
  readonly headers: Readonly<Record<string, string>>;
  readonly brokerUri: string;
}

/**
 * Sends requests and waits for their replies on one temporary queue per connection.
 *
 * Requests leave on the consuming link, which owns that queue: STOMP's name for it means nothing on another one.
 */
export class Requester {
  readonly #context: RequesterContext;
  readonly #pending: PendingReplies;
  #queue: TemporaryQueue | undefined;

  constructor(context: RequesterContext) {
    this.#context = context;
    this.#pending = new PendingReplies(context.maxPendingRequests);
  }

  /** Requests that wait for their replies now. */
  get pendingRequests(): number {
    return this.#pending.size;
  }

  /** Replies that were dropped because nobody waited for them any more. */
  get lateReplies(): number {
    return this.#pending.late;
  }

  /**
   * Sends a request and resolves with its reply.
   *
   * @throws JmsReplyTimeoutError when none came in time
   * @throws SendError with the outcome `not-sent` when the request could not be sent in time
   * @throws JmsReplyError when it is an error reply
   * @throws ConnectionClosedError when the connection was lost meanwhile
   * @throws BrokerError when the broker refused the request
   * @throws IllegalStateError when too many requests wait
   */
  async request({ headers, body }: OutgoingMessage, { timeout, signal }: RequestWait): Promise<Answer> {
    signal?.throwIfAborted();
    const id = uuidv7();
    const destination = headers['destination'] ?? '';
    this.#pending.enter();
    let isSent = false;
    const deadline = new Deadline(timeout, () => (isSent ? timedOut(destination, timeout) : this.#notSent(destination, timeout)));
    const stop = AbortSignal.any([deadline.signal, signal].filter((given) => given !== undefined));
    try {
      let queue = await this.#temporaryQueue().open(headers, stop);
      // Looked at right before it begins: nothing may come between.
      for (let { paused } = this.#pending; paused; { paused } = this.#pending) {
        await unlessAborted(paused, stop);
        queue = await this.#temporaryQueue().open(headers, stop);
      }
      const request = stompHeaders({
        ...headers,
        'correlation-id': id,
        [MESSAGE_HEADERS.applicationCorrelationId]: headers['correlation-id'],
        'reply-to': queue.destination,
      });
      isSent = true;
      const reply = await this.#reply(id, queue, () => queue.send(request, body, deadline.left), stop);
      return { reply: this.#read(reply, headers['correlation-id']), headers: request, brokerUri: queue.brokerUri };
    } finally {
      deadline.clear();
      this.#pending.leave(id);
    }
  }

  #notSent(destination: string, timeout: number): SendError {
    const why = this.#context.connection.whyNotConsuming;
    const disconnected = why === undefined ? '' : `; there is no connection: ${why}`;
    const cause = new ConnectError(`no temporary queue for the reply could be opened within ${timeout} ms${disconnected}`);
    return new SendError(`The request to ${destination} was not sent: ${cause.message}`, 'not-sent', { cause, retryable: true });
  }

  #reply(id: string, queue: OpenTemporaryQueue, send: () => Promise<void>, stop: AbortSignal): Promise<StompFrame> {
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(stop.reason as Error);
      stop.addEventListener('abort', onAbort, { once: true });
      this.#pending.add(id, {
        queue,
        resolve: (frame) => {
          stop.removeEventListener('abort', onAbort);
          resolve(frame);
        },
        reject: (error) => {
          stop.removeEventListener('abort', onAbort);
          reject(error);
        },
      });
      // The reply may come before the receipt; without it there is none to wait for.
      send().catch((error: unknown) => {
        if (error instanceof ConnectionClosedError) reject(lost(queue, error));
        else reject(error);
      });
    });
  }

  #read(frame: StompFrame, correlationId: string | undefined): JmsMessage {
    const { converter } = this.#context;
    const headers = stompHeaders({ ...frame.headers, 'correlation-id': correlationId ?? frame.headers['correlation-id'] });
    const reply = new JmsMessage({ ...frame, headers }, { convert: (message) => converter.fromMessage(message) });
    const error = readErrorReply(reply);
    if (error) throw error;
    return reply;
  }

  #temporaryQueue(): TemporaryQueue {
    this.#queue ??= this.#context.connection.createTemporaryQueue({
      onMessage: (frame) => this.#pending.answer(frame),
      onLost: (queue, reason) => this.#pending.fail(queue, lost(queue, reason)),
      quiet: () => this.#pending.quiet(),
      pause: () => this.#pending.pause(),
    });
    return this.#queue;
  }
}

function timedOut(destination: string, timeout: number): JmsReplyTimeoutError {
  return new JmsReplyTimeoutError(
    `No reply to a request to ${destination} came within ${timeout} ms; whether it was handled, or will be, is unknown`,
    timeout,
  );
}

function lost({ brokerUri }: OpenTemporaryQueue, cause: Error): ConnectionClosedError {
  return new ConnectionClosedError(
    `The connection to ${brokerUri} was lost, and the temporary queue for the reply with it; whether the request was handled is unknown: ${cause.message}`,
    { cause, retryable: !(cause instanceof ConnectionClosedError) || cause.retryable },
  );
}
