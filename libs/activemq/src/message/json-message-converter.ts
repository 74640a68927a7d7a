import type { Type } from '@nestjs/common';

import { ConfigurationError, MessageConversionError } from '../errors/index.js';
import { assertKnownOptions, assertOneOf, assertRecord } from '../validation/index.js';
import { bytesOf } from './bytes.js';
import type { JmsMessage } from './jms-message.js';
import { readJson, writeJson } from './json-text.js';
import type { ConvertedMessage, MessageConverter } from './message-converter.js';
import { TypeIds } from './type-ids.js';

/** How JSON is written and read; the names are those of Spring's `JacksonJsonMessageConverter`. */
export interface JsonMessageConverterOptions {
  /** Header that names the payload's class, in Spring usually `_type`; default none: it is neither written nor read. */
  readonly typeIdPropertyName?: string;
  /** The classes by the names that the header may bring; no other class can be reached by a message. */
  readonly typeIdMappings?: Readonly<Record<string, Type<object>>>;
  /** Whether Java peers get a `TextMessage` or a `BytesMessage`; default `text`. Spring's default is `bytes`; its converter reads both. */
  readonly targetType?: 'text' | 'bytes';
}

const OPTION_NAMES = [
  'typeIdPropertyName',
  'typeIdMappings',
  'targetType',
] as const satisfies readonly (keyof JsonMessageConverterOptions)[];

/**
 * Every payload as JSON, strings too, and every body read as JSON, whatever its content type. Mirrors Spring's `JacksonJsonMessageConverter`.
 *
 * @example new JsonMessageConverter({ typeIdPropertyName: '_type', typeIdMappings: { order: Order } })
 * @see https://docs.spring.io/spring-framework/reference/integration/jms/sending.html
 */
export class JsonMessageConverter implements MessageConverter {
  readonly #types: TypeIds | undefined;
  readonly #isText: boolean;

  /** @throws ConfigurationError for an unknown option, a header that cannot be set, or a mapping to something that is no class */
  constructor(options: JsonMessageConverterOptions = {}) {
    const where = 'The JSON message converter';
    assertKnownOptions(where, options, OPTION_NAMES);
    const { typeIdPropertyName, typeIdMappings = {}, targetType = 'text' } = options;
    assertRecord(where, 'typeIdMappings', typeIdMappings);
    assertOneOf(where, 'targetType', targetType, ['text', 'bytes']);
    this.#isText = targetType === 'text';
    if (typeIdPropertyName !== undefined) this.#types = new TypeIds(typeIdPropertyName, typeIdMappings);
    else if (Object.keys(typeIdMappings).length > 0) {
      throw new ConfigurationError(
        `${where}: \`typeIdMappings\` needs \`typeIdPropertyName\`, the header that carries the id, e.g. '_type'`,
      );
    }
  }

  toMessage(payload: unknown): ConvertedMessage {
    if (bytesOf(payload)) {
      throw new MessageConversionError('Bytes cannot be written as JSON; DefaultMessageConverter sends them as they are');
    }
    const headers = this.#types?.headersFor(payload);
    return {
      body: Buffer.from(writeJson(payload, headers !== undefined)),
      isText: this.#isText,
      contentType: 'application/json',
      headers,
    };
  }

  fromMessage(message: JmsMessage): unknown {
    return this.read(message, 'is taken for JSON');
  }

  /** @internal The payload of a body that is JSON; `claim` says in an error what makes it so. */
  read(message: JmsMessage, claim: string): unknown {
    return this.revive(message, readJson(message, claim));
  }

  /** @internal Whether a message names a type, and thereby says that it is JSON. */
  isNamedBy(message: JmsMessage): boolean {
    return this.#types?.isNamedBy(message) ?? false;
  }

  /** @internal Gives parsed JSON its class. */
  revive(message: JmsMessage, payload: unknown): unknown {
    return this.#types ? this.#types.revive(message, payload) : payload;
  }
}
