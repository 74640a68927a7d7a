import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { ConfigurationError } from '../errors/index.js';
import { formatDestination, parseOneDestination, toStompDestination } from '../message/destination.js';
import { JmsMessage } from '../message/jms-message.js';
import type { MessageConverter } from '../message/message-converter.js';
import type { StompFrame } from '../stomp/frame.js';
import type { DeadLetter } from './dead-letter.js';
import type { DeadLetterFilter } from './dead-letter-options.js';
import { readDeadLetter } from './read-dead-letter.js';

/** ActiveMQ's default `maxBrowsePageSize`: what it shows of a queue that does not fit into its memory. */
const MAX_BROWSE_PAGE_SIZE = 400;
/** Messages that the broker shows ahead: dead letters may be large. */
const WINDOW = 8;

/** One dead letter queue, as a browser sees it. */
export class DeadLetterQueueView {
  /** As STOMP writes it. */
  readonly destination: string;
  /** As JMS prints it. */
  readonly name: string;
  readonly #connection: ActiveMqConnection;
  readonly #converter: MessageConverter;

  /** @throws ConfigurationError for anything but one queue */
  constructor(connection: ActiveMqConnection, converter: MessageConverter, queue: string) {
    const refuse = (written: string) => new ConfigurationError(`Dead letters lie on one queue, not on ${written}`);
    const destination = parseOneDestination(queue, refuse);
    if (destination.type !== 'queue') throw refuse(formatDestination(destination));
    this.destination = toStompDestination([destination]);
    this.name = formatDestination(destination);
    this.#connection = connection;
    this.#converter = converter;
  }

  /** A frame as a message. */
  toMessage(frame: StompFrame): JmsMessage {
    return new JmsMessage(frame, { convert: (message) => this.#converter.fromMessage(message) });
  }

  /** What the headers of a message tell. */
  read(message: JmsMessage): DeadLetter {
    return readDeadLetter(message, this.name);
  }

  /** Shows the dead letters that are chosen, in the order of the queue. */
  async *browse(
    { selector, filter }: DeadLetterFilter,
    signal?: AbortSignal,
  ): AsyncGenerator<{ readonly deadLetter: DeadLetter; readonly message: JmsMessage }, void, void> {
    for await (const frame of this.#connection.browse(this.destination, { selector, signal, window: WINDOW })) {
      const message = this.toMessage(frame);
      const deadLetter = this.read(message);
      if (filter?.(deadLetter) ?? true) yield { deadLetter, message };
    }
  }

  /** Whether the broker shows exactly as many as it does of a queue that does not fit into its memory: then there may be more. */
  async isTruncated(signal?: AbortSignal): Promise<boolean> {
    let shown = 0;
    const frames = this.#connection.browse(this.destination, { limit: MAX_BROWSE_PAGE_SIZE + 1, signal, window: WINDOW });
    for await (const _ of frames) shown++;
    return shown === MAX_BROWSE_PAGE_SIZE;
  }
}
