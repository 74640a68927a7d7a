import type { StompFrame, StompHeaders } from '../stomp/frame.js';
import { MESSAGE_HEADERS } from './message-headers.js';
import { readWholeNumber } from './whole-number.js';

/** What a {@link JmsMessage} cannot learn from its frame. */
export interface JmsMessageContext {
  /** Reads the payload, when somebody asks for it. */
  readonly convert: (message: JmsMessage) => unknown;
}

/**
 * A received message. Mirrors `javax.jms.Message` with the payload already converted.
 *
 * @typeParam T of the payload, as the converter makes it; nothing checks it but your pipes
 */
export class JmsMessage<T = unknown> {
  /** All headers, the standard ones included, as the broker sent them; the object is frozen, and has no prototype. */
  readonly headers: StompHeaders;
  /** @internal The body of which retries, scheduled copies and dead letters are made: nobody may write to it. */
  readonly receivedBody: Buffer;
  readonly #context: JmsMessageContext;
  #payload: { readonly value: T } | undefined;
  #body: Buffer | undefined;
  #deliveryCount = 1;

  /** @internal */
  constructor(frame: StompFrame, context: JmsMessageContext) {
    this.headers = Object.freeze(frame.headers);
    this.receivedBody = frame.body;
    this.#context = context;
  }

  /** The raw body: a copy made once for each attempt, when first asked for, so that a message is read-only as in JMS. */
  get body(): Buffer {
    this.#body ??= Buffer.from(this.receivedBody);
    return this.#body;
  }

  /** The broker's id; it changes when a message is sent again, unlike {@link idempotencyKey}. */
  get messageId(): string {
    return this.headers['message-id'] ?? '';
  }

  /** Where the message was sent, e.g. `queue://orders`. */
  get destination(): string {
    return (this.headers['destination'] ?? '').replace(/^\/(?:remote-)?([^/]+)\//, '$1://');
  }

  /**
   * The body as the message converter reads it; converted once, when first asked for.
   *
   * @throws MessageConversionError when the body is not what its headers say
   */
  get payload(): T {
    this.#payload ??= { value: this.#context.convert(this) as T };
    return this.#payload.value;
  }

  /** Whether it is a `TextMessage` for Java peers. */
  get isText(): boolean {
    const type = this.headers['amq-msg-type'];
    return type === undefined ? this.headers['content-length'] === undefined : type === 'text';
  }

  /** The body as UTF-8 text. */
  text(): string {
    return this.receivedBody.toString('utf8');
  }

  /** Whether the message, or an attempt at it, came before. */
  get redelivered(): boolean {
    return this.headers['redelivered'] === 'true' || this.#deliveryCount > 1;
  }

  /** 1 at the first attempt, as far as this process knows: over STOMP the broker tells no count. Mirrors `JMSXDeliveryCount`. */
  get deliveryCount(): number {
    return this.#deliveryCount;
  }

  /** @internal Delivery counts the attempts. */
  set deliveryCount(count: number) {
    this.#deliveryCount = count;
    // The handler of the attempt before may have changed them.
    this.#payload = undefined;
    this.#body = undefined;
  }

  /** Mirrors `JMSCorrelationID`. */
  get correlationId(): string | undefined {
    return this.headers['correlation-id'];
  }

  /** Where the sender wants the answer, as STOMP writes it. Mirrors `JMSReplyTo`. */
  get replyTo(): string | undefined {
    return this.headers['reply-to'];
  }

  /** Mirrors `JMSType`. */
  get type(): string | undefined {
    return this.headers['type'];
  }

  /** 0 to 9, 4 when the sender said nothing. Mirrors `JMSPriority`. */
  get priority(): number {
    return readWholeNumber(this.headers['priority']) ?? 4;
  }

  /** When it was sent, in ms since 1970; `undefined` when nobody said so. */
  get timestamp(): number | undefined {
    return readWholeNumber(this.headers['timestamp']);
  }

  /** When it expires, in ms since 1970; 0 is never. Mirrors `JMSExpiration`. */
  get expiration(): number {
    return readWholeNumber(this.headers['expires']) ?? 0;
  }

  /** The key of this logical send; `undefined` when the sender wrote none, as Java peers do. */
  get idempotencyKey(): string | undefined {
    return this.headers[MESSAGE_HEADERS.idempotencyKey];
  }
}
