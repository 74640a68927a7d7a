import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { ConfigurationError } from '../errors/index.js';
import { formatDestination, type JmsDestination, parseOneDestination, parseTargets } from '../message/destination.js';
import type { MessageConverter } from '../message/message-converter.js';
import { withIds } from '../message/selector-text.js';
import { assertBoolean, assertText } from '../validation/index.js';
import type { DeadLetter, DeadLetterDetails, DeadLetterGroups, DeadLetterList } from './dead-letter.js';
import { type DeadLetterAction, DELETE, sendBack } from './dead-letter-action.js';
import { groupDeadLetters } from './dead-letter-groups.js';
import {
  assertListOptions,
  assertQueue,
  assertRunOptions,
  type DeadLetterListOptions,
  type DeadLetterRunOptions,
  type DeadLetterSelection,
  readSelection,
  type SendBackOptions,
} from './dead-letter-options.js';
import { DeadLetterQueueView } from './dead-letter-queue-view.js';
import type { DeadLetterReport } from './dead-letter-report.js';
import { DeadLetterRun, newRunId } from './dead-letter-run.js';
import { QueueDepths } from './queue-depth.js';

const DEFAULT_QUEUE = 'ActiveMQ.DLQ';
const DEFAULT_LIST_LIMIT = 1_000;
const LIST_CURE = 'options come second, as in list(undefined, { limit: 3 }) for the default queue';

/**
 * Looks into dead letter queues, sends dead letters back to where they came from, and deletes them.
 *
 * It knows those of this package, of the broker (rejected or expired), and of OpenWire clients. It never rejects a message: that would destroy it.
 *
 * @example constructor(private readonly deadLetters: DeadLetterService) {}
 */
export class DeadLetterService {
  readonly #connection: ActiveMqConnection;
  readonly #converter: MessageConverter;
  readonly #depths: QueueDepths;

  /** @internal Made by `ActiveMqModule`. */
  constructor(connection: ActiveMqConnection, converter: MessageConverter) {
    this.#connection = connection;
    this.#converter = converter;
    this.#depths = new QueueDepths(connection);
  }

  /**
   * The dead letters of a queue, in its order.
   *
   * @param queue default `ActiveMQ.DLQ`
   * @throws BrokerError when the broker refuses, e.g. a selector
   * @throws ConnectError when there is no broker within the connection's `receiptTimeout`
   * @throws ConnectionClosedError when the connection is lost meanwhile: begin again
   * @example const { deadLetters } = await service.list('ActiveMQ.DLQ', { selector: `originalDestination = 'queue://orders'` });
   */
  async list(queue: string = DEFAULT_QUEUE, options: DeadLetterListOptions = {}): Promise<DeadLetterList> {
    assertQueue('DeadLetterService.list()', LIST_CURE, queue);
    assertListOptions(options);
    const { limit = DEFAULT_LIST_LIMIT, signal, ...filter } = options;
    const view = this.#view(queue);
    const deadLetters: DeadLetter[] = [];
    const { isTruncated } = await view.reach(signal);
    for await (const { deadLetter } of view.browse(filter, signal)) {
      if (deadLetters.length === limit) return { deadLetters, isTruncated: true };
      deadLetters.push(deadLetter);
    }
    return { deadLetters, isTruncated };
  }

  /** The same, counted by where they came from and how they failed; {@link list} of each group's `messageIds` shows more. */
  async listGroups(queue?: string, options?: DeadLetterListOptions): Promise<DeadLetterGroups> {
    const { deadLetters, isTruncated } = await this.list(queue, options);
    return { groups: groupDeadLetters(deadLetters), isTruncated };
  }

  /**
   * One dead letter with headers and body.
   *
   * @param queue default `ActiveMQ.DLQ`
   * @returns `undefined` when there is none of that id, or when it lies behind what fits into the memory of its queue
   * @throws ConfigurationError for an empty id, or anything but one queue
   * @throws BrokerError when the broker refuses, e.g. for want of rights
   * @throws ConnectError when there is no broker within the connection's `receiptTimeout`
   * @throws ConnectionClosedError when the connection is lost meanwhile: begin again
   */
  async inspect(messageId: string, queue: string = DEFAULT_QUEUE): Promise<DeadLetterDetails | undefined> {
    assertText('DeadLetterService.inspect()', 'messageId', messageId);
    const view = this.#view(queue);
    const found = await this.#find(view, messageId);
    if (found) return found;
    await view.reach();
    return this.#find(view, messageId);
  }

  /**
   * Sends dead letters back, each in a transaction: it is either still here or there, whoever dies. Calling it again goes on with the rest.
   *
   * The copy keeps `idempotencyKey`, correlation id, trace context and custom headers. What told of its death is gone: attempts begin anew, and it
   * does not expire. A copy that dies again while the run goes on is left for the next one. While there is no broker it waits for one, as long as
   * its `signal` lets it.
   *
   * @param which a message id, a selector or filter, or `{ all: true }`
   * @throws ConfigurationError for a bad selection or option
   * @throws ConnectionClosedError or ReceiptTimeoutError before the first dead letter, when the connection is closed, or is lost or silent 3 times
   *   in a row; ConnectError when it has given up. After the first one the report has it as its `error`
   * @example await service.sendBack({ selector: `deadLetterErrorClass = 'TimeoutError'` }, { throttle: 50 });
   */
  async sendBack(which: string | DeadLetterSelection, options: SendBackOptions = {}): Promise<DeadLetterReport> {
    const where = 'DeadLetterService.sendBack()';
    const selection = readSelection(where, which);
    assertRunOptions(where, options, ['to', 'keepExpiration']);
    const { to, keepExpiration = false, ...rest } = options;
    assertBoolean(where, 'keepExpiration', keepExpiration);
    const view = this.#view(selection.queue ?? DEFAULT_QUEUE);
    const id = newRunId();
    const target = to === undefined ? undefined : readTarget(where, to, view.name);
    return this.#run(view, selection, rest, sendBack({ queue: view.name, to: target, keepExpiration, run: id }), id);
  }

  /**
   * Deletes dead letters, one by one; each is confirmed by the broker. Waits for a broker as {@link sendBack} does.
   *
   * @param which a message id, a selector or filter, or `{ all: true }`
   * @throws ConfigurationError for a bad selection or option
   * @throws ConnectionClosedError, ReceiptTimeoutError or ConnectError, as {@link sendBack}
   */
  async delete(which: string | DeadLetterSelection, options: DeadLetterRunOptions = {}): Promise<DeadLetterReport> {
    const where = 'DeadLetterService.delete()';
    const selection = readSelection(where, which);
    assertRunOptions(where, options);
    return this.#run(this.#view(selection.queue ?? DEFAULT_QUEUE), selection, options, DELETE, newRunId());
  }

  #run(
    view: DeadLetterQueueView,
    selection: DeadLetterSelection,
    options: DeadLetterRunOptions,
    action: DeadLetterAction,
    id: string,
  ): Promise<DeadLetterReport> {
    return new DeadLetterRun({ connection: this.#connection, view, action, selection, options, id }).run();
  }

  async #find(view: DeadLetterQueueView, messageId: string): Promise<DeadLetterDetails | undefined> {
    for await (const { deadLetter, message } of view.browse({}, undefined, withIds([messageId]))) return { ...deadLetter, message };
    return undefined;
  }

  #view(queue: string): DeadLetterQueueView {
    return new DeadLetterQueueView(this.#connection, this.#converter, this.#depths, queue);
  }
}

function readTarget(where: string, to: string, queue: string): JmsDestination {
  const target = parseOneDestination(to, (written) => new ConfigurationError(`${where}: \`to\` is one destination, not ${written}`));
  parseTargets(`${where}: \`to\``, to);
  if (formatDestination(target) === queue) throw new ConfigurationError(`${where}: \`to\` is ${queue} itself, where they lie already`);
  return target;
}
