import { ConfigurationError } from '../errors/index.js';
import { DefaultMessageConverter } from '../message/default-message-converter.js';
import type { SendOptions } from '../message/outgoing-message.js';
import type { MessageToSend } from './message-sender.js';

/** A message whose body is ready: no converter sees it. */
export interface RawMessage extends SendOptions {
  /** Text, a `TextMessage` for Java peers, or bytes, a `BytesMessage`; `content-type` in `headers` says what they are. */
  readonly body: string | Uint8Array;
}

/**
 * What {@link MessageSender} makes of it.
 *
 * @throws ConfigurationError when there is no body
 */
export function fromRawMessage(destination: string, message: RawMessage): MessageToSend {
  const { body, ...options } = message ?? {};
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw new ConfigurationError('A message for `send` needs a `body`, text or bytes; `convertAndSend` takes any payload');
  }
  return { destination, payload: body, options, converter: new DefaultMessageConverter() };
}
