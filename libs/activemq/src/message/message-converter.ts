import type { JmsMessage } from './jms-message.js';

/** A payload as bytes, ready to be sent. */
export interface ConvertedMessage {
  /** Not to be changed any more: it is sent later, and again after a failover. A payload's own bytes are copied for you. */
  readonly body: Buffer;
  /** Java peers get a `TextMessage` when true, a `BytesMessage` when false. */
  readonly isText: boolean;
  /** Goes out as the `content-type` header, unless the sender gave one. */
  readonly contentType?: string;
  /** Further headers, such as a type id; those that the sender gave win. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a sender asks of a converter besides the payload. */
export interface ConversionHints {
  /** The `content-type` header of the send; `undefined` when it has none. */
  readonly contentType?: string;
}

/**
 * Turns payloads into messages and back. Mirrors Spring's `org.springframework.jms.support.converter.MessageConverter`.
 */
export interface MessageConverter {
  /**
   * Turns what is sent into a body, before anything is sent.
   *
   * @throws MessageConversionError for a payload it cannot write: the send fails
   */
  toMessage(payload: unknown, hints?: ConversionHints): ConvertedMessage;
  /**
   * Turns a received message into its payload, when somebody asks for that; it sees the body, and not `payload`.
   *
   * @throws MessageConversionError for a body it cannot read: no attempt can help, the message is dead-lettered
   */
  fromMessage(message: JmsMessage): unknown;
}
