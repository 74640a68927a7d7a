import { connect } from 'node:net';

import { openStompSession } from '../../../libs/activemq/src/stomp/open-stomp-session.js';
import type { StompFrame } from '../../../libs/activemq/src/stomp/frame.js';
import type { StompSession } from '../../../libs/activemq/src/stomp/stomp-session.js';

/** ms for an answer of the broker, on a busy machine. */
const TIMEOUT = 60_000;

/** A message to send. */
export interface PlainMessage {
  readonly queue: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A plain STOMP client beside the framework, that sends what a run needs and looks at what the broker really holds. */
export class BrokerClient {
  readonly #session: StompSession;
  #lastId = 0;

  private constructor(session: StompSession) {
    this.#session = session;
  }

  /** Connects to a STOMP port of 127.0.0.1. */
  static async connect(port: number): Promise<BrokerClient> {
    const session = await openStompSession({
      peer: `stomp://127.0.0.1:${port}`,
      openTransport: () =>
        new Promise((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () => resolve(socket)).setNoDelay(true);
          socket.once('error', reject);
        }),
      virtualHost: '127.0.0.1',
      heartBeat: { outgoing: 0, incoming: 0 },
      connectTimeout: TIMEOUT,
      receiptTimeout: TIMEOUT,
    });
    return new BrokerClient(session);
  }

  /**
   * Sends persistent messages in one transaction: when it resolves all are stored, and nobody saw one before.
   *
   * @param withReceipts whether each SEND asks for one: ActiveMQ's scheduler waits until a message is stored only if it was sent so
   */
  async sendAll(messages: readonly PlainMessage[], withReceipts = true): Promise<void> {
    const transaction = `send-${++this.#lastId}`;
    this.#session.write('BEGIN', { transaction });
    const answers = messages.map(({ queue, body, headers }) => {
      const own = { destination: `/queue/${queue}`, persistent: 'true', 'amq-msg-type': 'text', 'content-type': 'application/json' };
      const frame = ['SEND', { ...headers, ...own, transaction }, Buffer.from(body)] as const;
      if (withReceipts) return this.#session.request(...frame);
      this.#session.write(...frame);
      return Promise.resolve();
    });
    await Promise.all(answers);
    await this.#session.request('COMMIT', { transaction });
  }

  /** How many messages each queue of the broker holds, those in flight included; empty queues are left out. */
  async depths(): Promise<ReadonlyMap<string, number>> {
    const depths = new Map<string, number>();
    const headers = {
      destination: '/queue/ActiveMQ.Statistics.Destination.>',
      'ActiveMQ.Statistics.Destination.List.End.With.Null': 'true',
    };
    await this.#ask(headers, ({ body }) => {
      const entries = /"map":\{"entry":(\[.*\])\}/s.exec(body.toString())?.[1];
      if (entries === undefined) return true;
      const { name, size } = statistics(JSON.parse(entries) as readonly StatisticsEntry[]);
      if (size > 0) depths.set(name, size);
      return false;
    });
    return depths;
  }

  /** How many messages the broker's scheduler holds back. */
  async scheduledJobs(): Promise<number> {
    let jobs = 0;
    // ActiveMQ marks no end; a message of ours that is sent behind the question comes last.
    await this.#ask(
      { destination: '/topic/ActiveMQ.Scheduler.Management', AMQ_SCHEDULER_ACTION: 'BROWSE' },
      ({ headers }) => headers['chaosEnd'] === 'true' || ++jobs === -1,
      { chaosEnd: 'true' },
    );
    return jobs;
  }

  /** Takes all messages from a queue, so many as {@link depths} told of. */
  async drain(queue: string, count: number): Promise<readonly StompFrame[]> {
    const frames: StompFrame[] = [];
    if (count === 0) return frames;
    const id = `drain-${++this.#lastId}`;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${queue} gave ${frames.length} of its ${count} messages`)), TIMEOUT);
      const subscribed = this.#session.subscribe(id, { destination: `/queue/${queue}`, ack: 'auto' }, (frame) => {
        frames.push(frame);
        if (frames.length < count) return;
        clearTimeout(timer);
        resolve();
      });
      subscribed.catch(reject);
    });
    await this.#session.unsubscribe(id);
    return frames;
  }

  /** Takes whatever comes to a queue, from here on. */
  async swallow(queue: string): Promise<void> {
    const headers = { destination: `/queue/${queue}`, ack: 'auto', 'activemq.prefetchSize': '1000' };
    await this.#session.subscribe(`swallow-${++this.#lastId}`, headers, () => undefined);
  }

  /** Shows each message of a queue as it is delivered, and acknowledges none. */
  async watch(queue: string, onMessage: (frame: StompFrame) => void): Promise<void> {
    const headers = { destination: `/queue/${queue}`, ack: 'client-individual', 'activemq.prefetchSize': '1000' };
    await this.#session.subscribe(`watch-${++this.#lastId}`, headers, onMessage);
  }

  /** Sends one persistent message, and resolves when it is stored. */
  async send(queue: string, body: string): Promise<void> {
    await this.#session.request('SEND', { destination: `/queue/${queue}`, persistent: 'true' }, Buffer.from(body));
  }

  /** Disconnects. */
  async close(): Promise<void> {
    await this.#session.disconnect();
  }

  /** Sends a question and takes its answers until `isLast` says so. */
  async #ask(
    question: Readonly<Record<string, string>>,
    isLast: (answer: StompFrame) => boolean,
    end?: Readonly<Record<string, string>>,
  ): Promise<void> {
    const id = `ask-${++this.#lastId}`;
    const inbox = `/temp-queue/${id}`;
    let onLast!: () => void;
    const answered = new Promise<void>((resolve) => (onLast = resolve));
    await this.#session.subscribe(id, { destination: inbox, ack: 'auto', transformation: 'jms-map-json' }, (answer) => {
      if (isLast(answer)) onLast();
    });
    await this.#session.request('SEND', { ...question, 'reply-to': inbox });
    if (end) await this.#session.request('SEND', { ...end, destination: inbox });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`The broker did not answer ${question['destination']} within ${TIMEOUT} ms`)), TIMEOUT);
    });
    await Promise.race([answered, late]);
    clearTimeout(timer);
    await this.#session.unsubscribe(id);
  }
}

/** An entry of a statistics map, as `jms-map-json` writes it. */
type StatisticsEntry = { readonly string: string | readonly string[]; readonly long?: number };

function statistics(entries: readonly StatisticsEntry[]): { readonly name: string; readonly size: number } {
  let [name, size] = ['', 0];
  for (const { string, long } of entries) {
    if (string === 'size') size = long ?? 0;
    if (typeof string !== 'string' && string[0] === 'destinationName') name = (string[1] ?? '').replace('queue://', '');
  }
  return { name, size };
}
