import type { ActiveMqConnection } from '../../connection/activemq-connection.js';
import { Deadline } from '../../connection/deadline.js';
import type { IncomingDelivery } from '../../connection/incoming-delivery.js';
import type { DeadLetterStrategyLookup } from '../../delivery/dead-letter/dead-letter-strategy-map.js';
import { holdsDeadLetters, isDeadLetterQueue } from '../../delivery/dead-letter-queue.js';
import { ConfigurationError, ConnectError, ConnectionClosedError, ReceiptTimeoutError } from '../../errors/index.js';
import { formatDestination, type JmsDestination, parseOneDestination, toStompDestination } from '../../message/destination.js';
import { JmsMessage } from '../../message/jms-message.js';
import type { MessageConverter } from '../../message/message-converter.js';
import { assertNoHyphenatedNames, explainRefusal } from '../../selector/index.js';
import type { OutgoingHeaders } from '../../stomp/stomp-session.js';
import { assertText } from '../../validation/index.js';
import { ConnectionEnd } from './connection-end.js';
import type { PulledSubscription } from './pulled-subscription.js';
import { assertReceiveOptions, type ReceiveOptions } from './receive-options.js';
import { SubscriptionPool } from './subscription-pool.js';

/** What a {@link MessageReceiver} works with. */
export interface MessageReceiverContext {
  readonly connection: ActiveMqConnection;
  readonly converter: MessageConverter;
  readonly pubSubDomain: boolean;
  /** ms that a receive waits when it says nothing else. */
  readonly receiveTimeout: number;
  /** Where dead letters of a destination go, which are not rejected there. */
  readonly deadLetter?: DeadLetterStrategyLookup | undefined;
  /** Is told what fails when nobody waits for it. */
  readonly onFailure: (error: unknown) => void;
}

/** What may be received. */
export interface ReceiveFilter {
  readonly selector?: string;
  /** Looks at the message before it is acknowledged; when it throws, the message is rejected. */
  readonly accept?: (message: JmsMessage) => void;
}

type ReceiveRequest = ReceiveFilter & ReceiveOptions & Pick<Required<ReceiveOptions>, 'timeout'>;

/** ms that a subscription stays for the next receive. */
const LINGER = 100;
/** ms that connecting and subscribing may take at least: a short time to wait for a message is no time to connect. */
const SUBSCRIBE_TIMEOUT = 5_000;

const TIME_IS_UP = new Error('the time to wait for a message is over');

/** Takes single messages from destinations: acknowledged, and the broker has confirmed that, before the caller gets them. */
export class MessageReceiver {
  readonly #context: MessageReceiverContext;
  readonly #pool: SubscriptionPool;

  constructor(context: MessageReceiverContext) {
    this.#context = context;
    this.#pool = new SubscriptionPool(context.connection, LINGER, context.onFailure);
  }

  /**
   * The next message, or `undefined` when none came in time.
   *
   * @throws ConfigurationError for a bad destination or selector
   * @throws BrokerError when the broker refuses to subscribe
   * @throws ConnectError when there was no connection, or no subscription, at the end of the time
   * @throws ReceiptTimeoutError when the broker did not tell whether there is one, without a time to wait
   * @throws ConnectionClosedError when the connection is closed meanwhile
   */
  async receive(destination: string, options: ReceiveOptions, filter: ReceiveFilter = {}): Promise<JmsMessage | undefined> {
    assertReceiveOptions(options);
    if ('selector' in filter) {
      assertText('A receive', 'selector', filter.selector);
      assertNoHyphenatedNames('A receive', filter.selector);
    }
    const request = { ...filter, ...options, timeout: options.timeout ?? this.#context.receiveTimeout };
    const source = this.#source(destination);
    request.signal?.throwIfAborted();
    const headers: OutgoingHeaders = { destination: toStompDestination([source]), selector: request.selector };
    const subscription = this.#pool.acquire(headers);
    const receive = new Receive(this.#context, subscription, source, request);
    try {
      return await receive.run();
    } finally {
      if (receive.isSubscriptionGood) this.#pool.release(headers, subscription);
      else subscription.stop().catch(this.#context.onFailure);
    }
  }

  #source(destination: string): JmsDestination {
    const refuse = (written: string) =>
      new ConfigurationError(`A receive takes from one queue or topic, not from ${written}: use a @JmsListener for several`);
    return parseOneDestination(destination, refuse, this.#context.pubSubDomain);
  }
}

/** One receive on a subscription that nobody else uses meanwhile. */
class Receive {
  /** Whether the subscription can serve another receive. */
  isSubscriptionGood = false;
  readonly #context: MessageReceiverContext;
  readonly #subscription: PulledSubscription;
  readonly #source: JmsDestination;
  readonly #request: ReceiveRequest;

  constructor(context: MessageReceiverContext, subscription: PulledSubscription, source: JmsDestination, request: ReceiveRequest) {
    this.#context = context;
    this.#subscription = subscription;
    this.#source = source;
    this.#request = request;
  }

  async run(): Promise<JmsMessage | undefined> {
    const { timeout, signal } = this.#request;
    const end = new ConnectionEnd(this.#context.connection);
    const stop = signal ? AbortSignal.any([signal, end.signal]) : end.signal;
    try {
      await this.#subscribed(stop);
      // Without a time to wait it only bounds how long the broker may take to say that nothing is there.
      return await bounded(timeout === -1 ? SUBSCRIBE_TIMEOUT : timeout, stop, (signal) => this.#take(signal));
    } finally {
      end.dispose();
    }
  }

  async #subscribed(stop: AbortSignal): Promise<void> {
    const { timeout } = this.#request;
    try {
      await bounded(timeout === 0 ? 0 : Math.max(timeout, SUBSCRIBE_TIMEOUT), stop, (signal) => this.#subscription.subscribed(signal));
    } catch (error) {
      if (error === TIME_IS_UP) throw this.#notSubscribed();
      throw explainRefusal(error, 'Nothing was received from', formatDestination(this.#source), this.#request.selector);
    }
  }

  #notSubscribed(): ConnectError {
    const { whyNotConsuming } = this.#context.connection;
    const why = whyNotConsuming === undefined ? '' : `, because there is no connection: ${whyNotConsuming}`;
    return new ConnectError(`Nothing was received from ${formatDestination(this.#source)}: it could not be subscribed to in time${why}`);
  }

  async #take(stop: AbortSignal): Promise<JmsMessage | undefined> {
    const { converter } = this.#context;
    for (;;) {
      const delivery = await this.#delivery(stop);
      if (!delivery) {
        this.isSubscriptionGood = true;
        return undefined;
      }
      const message = new JmsMessage(delivery.frame, { convert: (asked) => converter.fromMessage(asked) });
      if (this.#isExpired(message)) await delivery.reject();
      else if (await this.#accept(delivery, message)) return message;
    }
  }

  /** The next delivery; `undefined` when the broker has none for us. */
  async #delivery(stop: AbortSignal): Promise<IncomingDelivery | undefined> {
    try {
      return await (this.#request.timeout === -1 ? this.#whatIsThere(stop) : this.#subscription.next(stop));
    } catch (error) {
      if (error !== TIME_IS_UP) throw error;
      if (!this.#subscription.isSubscribed) throw this.#notSubscribed();
      return this.#request.timeout === -1 ? this.#late() : undefined;
    }
  }

  /** @throws ReceiptTimeoutError when it has not come either: whether there is one is unknown */
  #late(): IncomingDelivery {
    const delivery = this.#subscription.take();
    if (delivery) return delivery;
    const what = `Nothing was received from ${formatDestination(this.#source)}`;
    throw new ReceiptTimeoutError(
      `${what}: the broker did not tell within ${SUBSCRIBE_TIMEOUT} ms whether there is a message`,
      SUBSCRIBE_TIMEOUT,
    );
  }

  /**
   * The broker does not tell that a queue has nothing for a subscription, but it tells the end of a browse, and serves consumers before browsers:
   * what has not come before that is not there.
   */
  async #whatIsThere(stop: AbortSignal): Promise<IncomingDelivery | undefined> {
    const delivery = this.#subscription.take();
    if (delivery || this.#source.type.endsWith('topic')) return delivery;
    const { selector } = this.#request;
    const browse = this.#context.connection.browse(toStompDestination([this.#source]), { selector, limit: 1, signal: stop });
    await browse.next();
    await browse.return();
    return this.#subscription.take();
  }

  /** Whether the message is the caller's now; false when it went back to the broker before it could be acknowledged. */
  async #accept(delivery: IncomingDelivery, message: JmsMessage): Promise<boolean> {
    try {
      this.#request.accept?.(message);
    } catch (error) {
      // A NACK on a dead letter queue would destroy the message: there it goes back when the subscription ends.
      if (!this.#holdsDeadLetters) this.isSubscriptionGood = await delivery.reject();
      throw error;
    }
    try {
      const isAcknowledged = await delivery.confirmAcknowledgement();
      this.isSubscriptionGood = isAcknowledged;
      return isAcknowledged;
    } catch (error) {
      // Nobody knows whether it is acknowledged: it is handed out, perhaps once more later, rather than lost.
      if (error instanceof ConnectionClosedError || error instanceof ReceiptTimeoutError) return true;
      throw error;
    }
  }

  #isExpired({ expiration }: JmsMessage): boolean {
    return expiration > 0 && expiration < Date.now() && !this.#holdsDeadLetters;
  }

  get #holdsDeadLetters(): boolean {
    const { deadLetter } = this.#context;
    // Topics hold nothing.
    if (!deadLetter || this.#source.type !== 'queue') return isDeadLetterQueue(formatDestination(this.#source));
    try {
      return holdsDeadLetters(this.#source, deadLetter);
    } catch {
      // A strategy of the user's that fails: a rejection may destroy what lies there.
      return true;
    }
  }
}

/** Runs something that stops at a signal, and after so many ms; 0 is never. */
async function bounded<T>(timeout: number, stop: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new Deadline(timeout, () => TIME_IS_UP);
  try {
    return await run(deadline.signal ? AbortSignal.any([deadline.signal, stop]) : stop);
  } finally {
    deadline.clear();
  }
}
