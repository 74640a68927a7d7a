import { v4 as uuidv4 } from 'uuid';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { OpenTemporaryQueue, TemporaryQueue } from '../connection/temporary-queue.js';
import { BrokerError, ConnectionClosedError, ReceiptTimeoutError } from '../errors/index.js';
import { unlessAborted } from '../stomp/abortable.js';
import type { StompFrame } from '../stomp/frame.js';

/** ms for the broker's answer. */
const TIMEOUT = 10_000;
/** Connections lost over a question, one after the other, after which it is taken for their cause: without xstream a broker closes them. */
const MAX_LOSSES = 2;

/** An answer of the statistics plugin, a Java map in XML: what STOMP shows of a `MapMessage` that nobody asked to transform. */
const NAME = /<string>destinationName<\/string>\s*<string>([^<]*)<\/string>/;
const SIZE = /<string>size<\/string>\s*<long>(\d+)<\/long>/;

/** Asks the broker's statistics plugin how many messages a queue holds. */
export class QueueDepths {
  readonly #connection: ActiveMqConnection;
  #inbox: TemporaryQueue | undefined;
  readonly #questions = new Map<string, (answer: StompFrame | undefined) => void>();
  /** A broker that refused is not asked again. */
  #isRefused = false;
  #losses = 0;

  constructor(connection: ActiveMqConnection) {
    this.#connection = connection;
  }

  /**
   * Messages in a queue, those in flight included; `undefined` when the broker has no plugin, does not let this user ask, or is late.
   *
   * @param queue as JMS prints it, e.g. `queue://ActiveMQ.DLQ`
   */
  async of(queue: string, signal?: AbortSignal): Promise<number | undefined> {
    if (this.#isRefused) return undefined;
    const timeout = AbortSignal.timeout(TIMEOUT);
    const until = signal ? AbortSignal.any([signal, timeout]) : timeout;
    try {
      const depth = await this.#ask(queue, until);
      this.#losses = 0;
      return depth;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof BrokerError) this.#isRefused = true;
      else if (error instanceof ConnectionClosedError) this.#isRefused = ++this.#losses >= MAX_LOSSES;
      else if (!(error instanceof ReceiptTimeoutError) && !timeout.aborted) throw error;
      return undefined;
    }
  }

  async #ask(queue: string, until: AbortSignal): Promise<number | undefined> {
    const inbox = await this.#open(until);
    const id = uuidv4();
    let depth: number | undefined;
    const end = new Promise<void>((resolve) => {
      this.#questions.set(id, (answer) => {
        if (answer === undefined || answer.headers['depthEnd'] === 'true') return resolve();
        depth = depthIn(answer.body.toString(), queue) ?? depth;
      });
    });
    try {
      // To a topic: without the plugin nothing keeps the question. It marks no end, and answers before it takes the next command.
      const question = { destination: `/topic/ActiveMQ.Statistics.Destination.${queue}`, 'reply-to': inbox.destination };
      await Promise.all([
        inbox.send({ ...question, 'correlation-id': id }, Buffer.alloc(0), TIMEOUT),
        inbox.send({ destination: inbox.destination, 'correlation-id': id, depthEnd: 'true' }, Buffer.alloc(0), TIMEOUT),
      ]);
      await unlessAborted(end, until);
      return depth;
    } finally {
      this.#questions.delete(id);
    }
  }

  #open(until: AbortSignal): Promise<OpenTemporaryQueue> {
    this.#inbox ??= this.#connection.createTemporaryQueue({
      onMessage: (frame) => {
        const answer = this.#questions.get(frame.headers['correlation-id'] ?? '');
        answer?.(frame);
        return answer !== undefined;
      },
      onLost: () => {
        for (const answer of this.#questions.values()) answer(undefined);
      },
    });
    return this.#inbox.open({}, until);
  }
}

function depthIn(map: string, queue: string): number | undefined {
  const name = NAME.exec(map)?.[1]?.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  const size = SIZE.exec(map)?.[1];
  return name === queue && size !== undefined ? Number(size) : undefined;
}
