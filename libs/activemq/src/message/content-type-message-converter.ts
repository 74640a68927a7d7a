import { ConfigurationError, MessageConversionError } from '../errors/index.js';
import { assertMethods, assertRecord } from '../validation/index.js';
import type { JmsMessage } from './jms-message.js';
import type { ConversionHints, ConvertedMessage, MessageConverter } from './message-converter.js';

const CONVERTER_METHODS = ['toMessage', 'fromMessage'] as const;

/**
 * Leaves each message to the converter of its `content-type`, and each payload to that of the `content-type` header it is sent with.
 *
 * Keys are media types without parameters, `application/xml`, or `image/*` for all of a kind; the exact one wins. Mirrors Spring's
 * `ContentTypeDelegatingMessageConverter`.
 *
 * @example new ContentTypeMessageConverter({ 'application/xml': new XmlMessageConverter() }, new DefaultMessageConverter())
 */
export class ContentTypeMessageConverter implements MessageConverter {
  readonly #delegates = new Map<string, MessageConverter>();
  readonly #fallback: MessageConverter | undefined;

  /**
   * @param delegates the converters by media type
   * @param fallback for every other type, and for none; without it they are conversion errors
   * @throws ConfigurationError for a key that is no media type, or a converter that is none
   */
  constructor(delegates: Readonly<Record<string, MessageConverter>>, fallback?: MessageConverter) {
    assertRecord('ContentTypeMessageConverter', 'delegates', delegates);
    for (const [type, converter] of Object.entries(delegates)) {
      if (!/^[\w.+-]+\/(?:[\w.+-]+|\*)$/.test(type)) {
        throw new ConfigurationError(
          `ContentTypeMessageConverter: '${type}' is no media type; write one as in 'application/xml' or 'image/*'`,
        );
      }
      assertMethods('ContentTypeMessageConverter', `delegates['${type}']`, converter ?? null, CONVERTER_METHODS);
      this.#delegates.set(type.toLowerCase(), converter);
    }
    assertMethods('ContentTypeMessageConverter', 'fallback', fallback, CONVERTER_METHODS);
    this.#fallback = fallback;
  }

  toMessage(payload: unknown, hints: ConversionHints = {}): ConvertedMessage {
    return this.#converterOf(hints.contentType, 'A payload').toMessage(payload, hints);
  }

  fromMessage(message: JmsMessage): unknown {
    return this.#converterOf(message.headers['content-type'], `Message ${message.messageId}`).fromMessage(message);
  }

  #converterOf(contentType: string | undefined, what: string): MessageConverter {
    const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
    const converter = this.#delegates.get(type) ?? this.#delegates.get(type.replace(/\/.*$/, '/*')) ?? this.#fallback;
    if (converter) return converter;
    const which = contentType === undefined ? 'without a content type' : `of type ${JSON.stringify(contentType.slice(0, 100))}`;
    throw new MessageConversionError(`${what} ${which} has no converter; the types are ${[...this.#delegates.keys()].join(', ')}`);
  }
}
