import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { FlushBarrier } from '../connection/flush-barrier.js';
import type { SessionTransaction, TransactionOutcome } from '../connection/session-transaction.js';
import { toErrorText, toLogText } from '../errors/error-text.js';
import { ConfigurationError, SendError, TransactionRolledBackError } from '../errors/index.js';
import { SEND_OPTION_NAMES, type SendOptions } from '../message/outgoing-message.js';
import { assertFunction, assertKnownOptions } from '../validation/index.js';
import type { MessageSender, MessageToSend, SendResult } from './message-sender.js';

/** How a message is sent without waiting for it. Mirrors ActiveMQ's `AsyncCallback`. */
export interface AsyncSendOptions extends Omit<SendOptions, 'confirm'> {
  /** The broker has stored the message; inside a transaction, it was committed. */
  readonly onSuccess?: (result: SendResult) => unknown;
  /** It was not confirmed: a `SendError` says with `outcome` what is known, any other error came before anything was sent. */
  readonly onException?: (error: unknown) => unknown;
}

const WHERE = 'The options of convertAndSendAsync';

/** Sends that tell their end to callbacks: each message gets exactly one; what is no call of one, such as with an unknown option, rejects instead. */
export class AsyncSends {
  readonly #sender: MessageSender;
  readonly #connection: Pick<ActiveMqConnection, 'currentTransaction'>;
  readonly #onCallbackError: (error: unknown) => void;
  readonly #flushing = new FlushBarrier();

  /** @param onCallbackError told of a callback that throws; nobody else is harmed by it */
  constructor(
    sender: MessageSender,
    connection: Pick<ActiveMqConnection, 'currentTransaction'>,
    onCallbackError: (error: unknown) => void,
  ) {
    this.#sender = sender;
    this.#connection = connection;
    this.#onCallbackError = onCallbackError;
  }

  /**
   * Resolves when the message has its place in the window of unconfirmed messages.
   *
   * @throws ConfigurationError for callbacks that are none, and for an unknown option, `confirm` among them; nothing else rejects
   */
  async send(destination: string, payload: unknown, options: AsyncSendOptions = {}): Promise<void> {
    const { onSuccess, onException, ...rest } = options;
    if (onSuccess !== undefined) assertFunction(WHERE, 'onSuccess', onSuccess);
    if (onException !== undefined) assertFunction(WHERE, 'onException', onException);
    assertKnownOptions(WHERE, options, ['onSuccess', 'onException', ...SEND_OPTION_NAMES]);
    if ('confirm' in rest) throw new ConfigurationError(`${WHERE}: \`confirm\` cannot be set; the callbacks tell what the broker confirms`);
    const transaction = this.#connection.currentTransaction;
    const generation = this.#flushing.begin();
    await new Promise<void>((resolve) => {
      const ended = this.#untilTold({ destination, payload, options: rest }, { onSuccess, onException }, transaction, resolve);
      void ended.finally(() => {
        this.#flushing.end(generation);
        resolve();
      });
    });
  }

  /** Resolves when every message sent so far has had its callback; those in an open transaction get it when that ends. */
  flush(): Promise<void> {
    return this.#flushing.passed();
  }

  async #untilTold(
    message: MessageToSend,
    { onSuccess, onException }: Pick<AsyncSendOptions, 'onSuccess' | 'onException'>,
    transaction: SessionTransaction | undefined,
    onWritten: () => void,
  ): Promise<void> {
    const { destination } = message;
    let result: SendResult;
    try {
      result = await this.#sender.send(message, onWritten);
    } catch (error) {
      await this.#call(destination, 'onException', onException, error);
      return;
    }
    if (!transaction) await this.#call(destination, 'onSuccess', onSuccess, result);
    else {
      transaction.onEnd((outcome) => {
        const failure = whyNotCommitted(outcome, destination, transaction.failure);
        void (failure
          ? this.#call(destination, 'onException', onException, failure)
          : this.#call(destination, 'onSuccess', onSuccess, result));
      });
    }
  }

  async #call<T>(destination: string, name: string, callback: ((value: T) => unknown) | undefined, value: T): Promise<void> {
    try {
      await callback?.(value);
    } catch (cause) {
      const what = `The callback \`${name}\` of a message that was sent to ${toLogText(destination)}`;
      this.#onCallbackError(new Error(`${what} failed: ${toErrorText(cause)}`, { cause }));
    }
  }
}

function whyNotCommitted(outcome: TransactionOutcome, destination: string, cause: Error | undefined): SendError | undefined {
  if (outcome === 'committed') return undefined;
  if (outcome === 'unknown') return new SendError(`Whether the message to ${destination} was committed is unknown`, 'unknown', { cause });
  return new TransactionRolledBackError(`The message to ${destination} was not sent: its transaction was rolled back`, { cause });
}
