import { inOneLine } from '../errors/error-text.js';
import { JmsReplyError } from '../errors/index.js';
import type { JmsMessage } from './jms-message.js';
import { MESSAGE_HEADERS } from './message-headers.js';

/** Longest class name of an error in a reply; it stands in a header, and ActiveMQ ends a connection over a header line above 10 KiB. */
const LONGEST_CLASS = 200;
/** Longest message of an error in a reply. */
const LONGEST_MESSAGE = 1_000;

/**
 * The headers that make a reply an error reply; it needs no body. Java peers see them as the String properties `errorClass` and `errorMessage`.
 *
 * @param error whatever was thrown; its stack stays here
 */
export function errorReplyHeaders(error: unknown): Readonly<Record<string, string>> {
  const [errorClass, errorMessage] = classAndMessage(error);
  return {
    [MESSAGE_HEADERS.errorClass]: bounded(errorClass, LONGEST_CLASS) || 'Error',
    [MESSAGE_HEADERS.errorMessage]: bounded(errorMessage, LONGEST_MESSAGE),
  };
}

/** The error that an error reply tells of; `undefined` for every other message. */
export function readErrorReply({ headers }: Pick<JmsMessage, 'headers'>): JmsReplyError | undefined {
  const errorClass = headers[MESSAGE_HEADERS.errorClass];
  if (errorClass === undefined) return undefined;
  const errorMessage = headers[MESSAGE_HEADERS.errorMessage] ?? '';
  return new JmsReplyError(bounded(errorClass, LONGEST_CLASS), bounded(errorMessage, LONGEST_MESSAGE));
}

function classAndMessage(error: unknown): readonly [string, string] {
  try {
    if (!(error instanceof Error)) return ['Error', String(error)];
    const { name, message }: { readonly name: unknown; readonly message: unknown } = error;
    return [String(name), String(message)];
  } catch {
    // Anything can be thrown, also what throws when it is looked at; the requester has to be answered all the same.
    return ['Error', 'something that cannot be shown'];
  }
}

function bounded(text: string, longest: number): string {
  return inOneLine(text.slice(0, longest)).trim();
}
