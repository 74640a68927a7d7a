import { ActiveMqError } from '../errors/index.js';

const SHOWN = 120;

function shorten(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}

/** A selector that ActiveMQ would refuse, or that is beyond the limits of this parser; the message says where and why. */
export class SelectorSyntaxError extends ActiveMqError {
  override readonly name = 'SelectorSyntaxError';
  /** The selector as it was given. */
  readonly selector: string;
  /** Where the fault was noticed: offset in UTF-16 units, from 0. */
  readonly position: number;
  /** Whether a broker may understand it all the same: ActiveMQ's extensions to JMS, and depth. */
  readonly isBeyondParser: boolean;

  constructor(selector: string, position: number, reason: string, isBeyondParser = false) {
    super('ERR_AMQ_CONFIGURATION', `The selector "${shorten(selector)}" is invalid at character ${position + 1}: ${reason}`);
    this.selector = selector;
    this.position = position;
    this.isBeyondParser = isBeyondParser;
  }
}

/**
 * A valid selector met a message that it cannot be evaluated on, where ActiveMQ throws too: a header in an arithmetic operation
 * other than `+`, or a boolean compared with a string on its right. The message carries no header values.
 */
export class SelectorEvaluationError extends ActiveMqError {
  override readonly name = 'SelectorEvaluationError';

  constructor(reason: string) {
    super('ERR_AMQ_CONFIGURATION', `The selector cannot be evaluated on this message: ${reason}`);
  }
}
