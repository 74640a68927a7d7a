import type { Type } from '@nestjs/common';

import { ConfigurationError, MessageConversionError } from '../errors/index.js';
import { assertFunction, assertText } from '../validation/index.js';
import type { JmsMessage } from './jms-message.js';
import { whyReserved } from './message-headers.js';

/**
 * The names under which two peers know one class, carried in a header. Mirrors `typeIdPropertyName` and `typeIdMappings` of Spring's Jackson
 * converters, but for one thing: a name that is not mapped never leads to a class.
 */
export class TypeIds {
  readonly #header: string;
  readonly #classes = new Map<string, Type<object>>();
  readonly #ids = new Map<unknown, string>();

  /**
   * @param header the name of the header, in Spring usually `_type`
   * @param mappings from id to class; of two ids of one class the first is written
   * @throws ConfigurationError for a header that cannot be set, or something that is no class
   */
  constructor(header: string, mappings: Readonly<Record<string, Type<object>>>) {
    const where = 'The JSON message converter';
    assertText(where, 'typeIdPropertyName', header);
    const why = whyReserved(header);
    if (why) throw new ConfigurationError(`${where}: \`typeIdPropertyName\` cannot be '${header}': ${why}`);
    this.#header = header;
    for (const [id, type] of Object.entries(mappings)) {
      assertText(where, 'typeIdMappings', id);
      assertFunction(where, `typeIdMappings['${id}']`, type);
      this.#classes.set(id, type);
      if (!this.#ids.has(type)) this.#ids.set(type, id);
    }
  }

  /** The header that names a payload's class; none when its class is not mapped. */
  headersFor(payload: unknown): Readonly<Record<string, string>> | undefined {
    const type: unknown =
      typeof payload === 'object' && payload !== null ? (Object.getPrototypeOf(payload) as object | null)?.constructor : undefined;
    const id = this.#ids.get(type);
    return id === undefined ? undefined : { [this.#header]: id };
  }

  /** Whether a message names a type at all, mapped or not. */
  isNamedBy(message: JmsMessage): boolean {
    return message.headers[this.#header] !== undefined;
  }

  /**
   * Makes what a message brought an instance of the class that its header names; with another name it stays what it is.
   *
   * @throws MessageConversionError when the name is mapped and the payload is no object
   */
  revive(message: JmsMessage, payload: unknown): unknown {
    const id = message.headers[this.#header];
    const type = id === undefined ? undefined : this.#classes.get(id);
    if (!type) return payload;
    if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
      throw new MessageConversionError(
        `Message ${message.messageId} says it is of type '${id}' (${type.name}), but its body is no JSON object`,
      );
    }
    // Its constructor does not run, as with class-transformer's plain objects: a message brings data, not arguments.
    return Object.setPrototypeOf(payload, type.prototype as object) as unknown;
  }
}
