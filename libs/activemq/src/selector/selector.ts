import { matches } from './evaluate.js';
import { parse } from './parser.js';
import type { SelectableMessage } from './selectable-message.js';

/** A parsed selector, usable for any number of messages. */
export interface Selector {
  /** The selector as it was given. */
  readonly text: string;
  /**
   * Whether the message is selected.
   *
   * @throws SelectorEvaluationError where ActiveMQ throws (see there). What ActiveMQ does with it: on a topic the SEND of the message is
   * answered with ERROR, a browser skips the message, a queue logs it and leaves the message undelivered.
   */
  matches(message: SelectableMessage): boolean;
}

/**
 * Parses a JMS selector as ActiveMQ does for a STOMP client, string conversion on. Nothing is ever run as code; length and depth are bounded.
 *
 * @throws SelectorSyntaxError when it is not valid; the message says where and why.
 */
export function parseSelector(text: string): Selector {
  const expression = parse(text);
  return { text, matches: (message) => matches(expression, message) };
}
