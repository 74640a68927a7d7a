import type { JmsMessage } from './jms-message.js';

/** A payload as bytes, ready to be sent. */
export interface ConvertedMessage {
  readonly body: Buffer;
  /** Java peers get a `TextMessage` when true, a `BytesMessage` when false. */
  readonly isText: boolean;
  /** Goes out as the `content-type` header. */
  readonly contentType?: string;
}

/**
 * Turns payloads into messages and back. Mirrors Spring's `org.springframework.jms.support.converter.MessageConverter`.
 *
 * Both methods throw {@link MessageConversionError} for what they cannot convert.
 */
export interface MessageConverter {
  toMessage(payload: unknown): ConvertedMessage;
  fromMessage(message: JmsMessage): unknown;
}
