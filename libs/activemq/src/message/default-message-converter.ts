import type { JmsMessage } from './jms-message.js';
import { JsonMessageConverter, type JsonMessageConverterOptions } from './json-message-converter.js';
import { bytesOf } from './bytes.js';
import { tryJson } from './json-text.js';
import type { ConvertedMessage, MessageConverter } from './message-converter.js';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;
/** The `typeIdPropertyName` of nearly every Spring application; their `BytesMessage`, the default of Spring's converter, says no more than that. */
const USUAL_TYPE_ID = '_type';
const TEXT_TYPE = /^text\//i;

/**
 * Text for strings, bytes for Buffers, JSON for everything else.
 *
 * A message without a `content-type`, such as a Java peer's `TextMessage`, is JSON when its text is a JSON object or array, else a string;
 * a `BytesMessage` without one is a Buffer. A message that names its type is JSON, as Spring writes it: in the header `typeIdPropertyName`, or
 * without a `content-type` in `_type`.
 */
export class DefaultMessageConverter implements MessageConverter {
  readonly #json: JsonMessageConverter;

  /** @param json how JSON is written and read; default without type ids */
  constructor(json: JsonMessageConverterOptions = {}) {
    this.#json = new JsonMessageConverter(json);
  }

  toMessage(payload: unknown): ConvertedMessage {
    if (typeof payload === 'string') return { body: Buffer.from(payload), isText: true, contentType: 'text/plain' };
    const bytes = copyOf(payload);
    return bytes ? { body: bytes, isText: false, contentType: 'application/octet-stream' } : this.#json.toMessage(payload);
  }

  fromMessage(message: JmsMessage): unknown {
    const contentType = message.headers['content-type'];
    if (contentType !== undefined && JSON_TYPE.test(contentType)) return this.#json.read(message, `says it is ${contentType}`);
    if (this.#json.isNamedBy(message)) return this.#json.read(message, 'names its JSON type');
    if (contentType === undefined && message.headers[USUAL_TYPE_ID] !== undefined) {
      return this.#json.read(message, `names its JSON type in \`${USUAL_TYPE_ID}\``);
    }
    if (contentType === undefined) return message.isText ? readUntyped(message) : message.body;
    return TEXT_TYPE.test(contentType) || message.isText ? message.text() : message.body;
  }
}

/** The bytes of a payload, not its memory: that is the caller's, who may use it again before the message is sent, or sent again. */
function copyOf(payload: unknown): Buffer | undefined {
  const bytes = bytesOf(payload);
  return bytes && Buffer.from(bytes);
}

function readUntyped(message: JmsMessage): unknown {
  const text = message.text();
  return /^\s*[[{]/.test(text) ? (tryJson(message) ?? text) : text;
}
