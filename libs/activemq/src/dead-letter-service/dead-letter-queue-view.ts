import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { ConfigurationError } from '../errors/index.js';
import { formatDestination, parseOneDestination, toStompDestination } from '../message/destination.js';
import { JmsMessage } from '../message/jms-message.js';
import type { MessageConverter } from '../message/message-converter.js';
import { both, withIds } from '../message/selector-text.js';
import { explainRefusal } from '../selector/index.js';
import type { StompFrame } from '../stomp/frame.js';
import type { DeadLetter } from './dead-letter.js';
import type { DeadLetterFilter } from './dead-letter-options.js';
import type { QueueDepths } from './queue-depth.js';
import { readDeadLetter } from './read-dead-letter.js';

/** Less than this, in messages and in bytes of bodies, fits into any memory but one that other queues have filled: ActiveMQ's `maxPageSize`. */
const SMALL = { messages: 200, bytes: 256 * 1024 };
/** Looks into a queue that make the broker take one more page of it into its memory, if there is room: at most, and when it does not tell its depth. */
const LOOKS = { most: 500, unknown: 50 };
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
  readonly #depths: QueueDepths;

  /** @throws ConfigurationError for anything but one queue */
  constructor(connection: ActiveMqConnection, converter: MessageConverter, depths: QueueDepths, queue: string) {
    const refuse = (written: string) => new ConfigurationError(`Dead letters lie on one queue, not on ${written}`);
    const destination = parseOneDestination(queue, refuse);
    if (destination.type !== 'queue') throw refuse(formatDestination(destination));
    this.destination = toStompDestination([destination]);
    this.name = formatDestination(destination);
    this.#connection = connection;
    this.#converter = converter;
    this.#depths = depths;
  }

  /** A frame as a message. */
  toMessage(frame: StompFrame): JmsMessage {
    return new JmsMessage(frame, { convert: (message) => this.#converter.fromMessage(message) });
  }

  /** What the headers of a message tell. */
  read(message: JmsMessage): DeadLetter {
    return readDeadLetter(message, this.name);
  }

  /**
   * Shows the dead letters that are chosen, in the order of the queue. A selector sees what is in the broker's memory: {@link reach} comes first.
   *
   * @param also a selector that has to hold, too, and is nobody's mistake
   */
  async *browse(
    { selector, filter }: DeadLetterFilter,
    signal?: AbortSignal,
    also?: string,
  ): AsyncGenerator<{ readonly deadLetter: DeadLetter; readonly message: JmsMessage }, void, void> {
    const whole = also === undefined ? selector : both(also, selector);
    try {
      for await (const frame of this.#connection.browse(this.destination, { selector: whole, signal, window: WINDOW })) {
        const message = this.toMessage(frame);
        const deadLetter = this.read(message);
        if (filter?.(deadLetter) ?? true) yield { deadLetter, message };
      }
    } catch (error) {
      throw explainRefusal(error, 'No dead letters can be chosen in', this.name, selector, whole);
    }
  }

  /**
   * Whether a dead letter lies here; `undefined` when it is not shown, and the broker may not show all.
   *
   * Looked for twice: in what is not in the broker's memory, such as after its restart, a selector finds nothing.
   */
  async holds(messageId: string, signal?: AbortSignal): Promise<boolean | undefined> {
    if (await this.#shows(messageId, signal)) return true;
    const { isTruncated } = await this.reach(signal);
    if (await this.#shows(messageId, signal)) return true;
    return isTruncated ? undefined : false;
  }

  async #shows(messageId: string, signal: AbortSignal | undefined): Promise<boolean> {
    for await (const _ of this.#connection.browse(this.destination, { selector: withIds([messageId]), limit: 1, signal })) return true;
    return false;
  }

  /**
   * Has the broker take as much of the queue into its memory as it can, and tells whether that is less than all, or may be.
   *
   * A browser with a selector does not do that: ActiveMQ ends it at the first page (200) in which nothing matches.
   */
  async reach(signal?: AbortSignal): Promise<{ readonly isTruncated: boolean }> {
    // Without a broker its depth would be waited for first, as from one without the plugin.
    await this.#connection.whenBrowsable(this.destination, signal);
    // Asked before: what goes meanwhile is not taken for something that is not shown.
    const depth = await this.#depths.of(this.name, signal);
    let [shown, bytes] = [0, 0];
    for await (const { body } of this.#connection.browse(this.destination, { signal, window: WINDOW })) {
      shown++;
      bytes += body.length;
    }
    const isTruncated = depth === undefined ? shown >= SMALL.messages || bytes >= SMALL.bytes : shown < depth;
    if (isTruncated) await this.#reachFurther(depth === undefined ? LOOKS.unknown : Math.ceil((depth - shown) / SMALL.messages), signal);
    return { isTruncated };
  }

  /** Where `maxBrowsePageSize` ends a browser, and not the memory, there is more to be reached: a page for each browser that wants nothing. */
  async #reachFurther(looks: number, signal: AbortSignal | undefined): Promise<void> {
    for (let look = 0; look < Math.min(looks, LOOKS.most); look++) {
      for await (const _ of this.#connection.browse(this.destination, { selector: '1 = 0', signal })) return;
    }
  }
}
