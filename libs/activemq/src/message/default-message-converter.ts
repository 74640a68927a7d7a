import { MessageConversionError } from '../errors/index.js';
import type { JmsMessage } from './jms-message.js';
import type { ConvertedMessage, MessageConverter } from './message-converter.js';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;
const TEXT_TYPE = /^text\//i;

/**
 * Text for strings, bytes for Buffers, JSON for everything else.
 *
 * A message without a `content-type`, such as a Java peer's `TextMessage`, is JSON when its text is a JSON object or array, else a string;
 * a `BytesMessage` without one is a Buffer.
 */
export class DefaultMessageConverter implements MessageConverter {
  toMessage(payload: unknown): ConvertedMessage {
    if (typeof payload === 'string') return { body: Buffer.from(payload), isText: true, contentType: 'text/plain' };
    const bytes = bytesOf(payload);
    if (bytes) return { body: bytes, isText: false, contentType: 'application/octet-stream' };
    return { body: Buffer.from(stringify(payload)), isText: true, contentType: 'application/json' };
  }

  fromMessage(message: JmsMessage): unknown {
    const contentType = message.headers['content-type'];
    if (contentType === undefined) return message.isText ? readUntyped(message.text()) : message.body;
    if (JSON_TYPE.test(contentType)) return parse(message);
    return TEXT_TYPE.test(contentType) || message.isText ? message.text() : message.body;
  }
}

function bytesOf(payload: unknown): Buffer | undefined {
  if (payload instanceof ArrayBuffer) return Buffer.from(payload);
  return ArrayBuffer.isView(payload) ? Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength) : undefined;
}

function stringify(payload: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch (cause) {
    throw new MessageConversionError(`The payload cannot be written as JSON: ${(cause as Error).message}`, { cause });
  }
  if (text === undefined)
    throw new MessageConversionError(
      `A payload of type ${typeof payload} cannot be sent; send a string, a Buffer or something JSON can hold`,
    );
  return text;
}

function parse(message: JmsMessage): unknown {
  try {
    return JSON.parse(message.text()) as unknown;
  } catch {
    // Without the parser's error as its cause: that quotes the body.
    throw new MessageConversionError(
      `Message ${message.messageId} says it is ${message.headers['content-type']}, but its body is not JSON`,
    );
  }
}

function readUntyped(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Nobody said that it is JSON: then it is text that begins with a bracket.
    return text;
  }
}
