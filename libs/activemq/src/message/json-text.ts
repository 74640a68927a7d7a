import { MessageConversionError } from '../errors/index.js';
import { isPlain } from '../validation/index.js';
import type { JmsMessage } from './jms-message.js';

/** As in Jackson: what lies deeper overflows the stack of the first recursive function that looks at it. */
const DEEPEST = 1_000;
const [QUOTE, BACKSLASH, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = Buffer.from('"\\[]{}');

/** What to send instead of what JSON writes as `{}`, whatever is in it. */
const CURES: readonly (readonly [type: new (...args: never[]) => object, cure: string])[] = [
  [Map, 'send Object.fromEntries(map), or [...map]'],
  [Set, 'send [...set]'],
  [Promise, 'await it first'],
  [ArrayBuffer, 'send it as the whole payload, or as a text such as base64'],
  [Error, 'send what tells of it, such as { message: error.message }'],
  [RegExp, 'send its source'],
];
const OTHER_CURE = 'send a plain object, or give its class a method toJSON()';

/**
 * Writes a payload as JSON.
 *
 * @param isNamed whether the message names the payload's class: then that says something, also when the payload holds nothing
 * @throws MessageConversionError for what JSON cannot hold: functions, symbols, BigInts, `undefined`, circles; and for what it would write as `{}`
 *   although it is no plain object: Maps, Sets, promises, errors, instances that show nothing
 */
export function writeJson(payload: unknown, isNamed = false): string {
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
  // Looked for only where one may be: a replacer makes JSON.stringify several times slower.
  if (text.includes('{}')) JSON.stringify(payload, (_key, value: unknown) => (isNamed && value === payload ? value : refuseLost(value)));
  return text;
}

function refuseLost(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isPlain(value) || Object.keys(value).length > 0) return value;
  // Such as an array, a boxed number, or bytes of which there are none.
  if (JSON.stringify(value) !== '{}' || (ArrayBuffer.isView(value) && !(value instanceof DataView))) return value;
  const { name } = value.constructor;
  const [, cure = OTHER_CURE] = CURES.find(([type]) => value instanceof type) ?? [];
  throw new MessageConversionError(
    `The payload is or holds ${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name || 'nameless class'}, of which JSON keeps nothing; ${cure}`,
  );
}

/**
 * Reads a message's body as JSON; a key named `__proto__` becomes a property like any other.
 *
 * @param claim what makes it JSON, for the error, e.g. `says it is application/json`
 * @throws MessageConversionError for a body that is no JSON, or nested deeper than 1000 levels
 */
export function readJson(message: JmsMessage, claim: string): unknown {
  assertNotTooDeep(message);
  try {
    return JSON.parse(message.text()) as unknown;
  } catch {
    // Without the parser's error as its cause: that quotes the body.
    throw new MessageConversionError(`Message ${message.messageId} ${claim}, but its body is not JSON`);
  }
}

/** The JSON of a text that may be one; `undefined` when it is none, or nobody should look at it. */
export function tryJson(message: JmsMessage): unknown {
  try {
    return readJson(message, 'may be JSON');
  } catch {
    // Nobody said that it is JSON: then it is text that begins with a bracket.
    return undefined;
  }
}

function assertNotTooDeep({ receivedBody: body, messageId }: JmsMessage): void {
  // Each level takes two characters.
  if (body.length <= 2 * DEEPEST) return;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (inString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    if (depth > DEEPEST) throw new MessageConversionError(`Message ${messageId} is JSON nested deeper than ${DEEPEST} levels`);
  }
}
