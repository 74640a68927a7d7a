import { toLogText } from '../errors/error-text.js';
import { BrokerError } from '../errors/index.js';

/** The user may not read there, whatever the selector. */
const NO_RIGHT = /\bnot authorized\b/i;

/**
 * What a refused subscription with a selector fails with: ActiveMQ names neither the selector nor the queue. Anything else stays as it is.
 *
 * @param selector as the caller has given it
 * @param sent what the broker was asked for, when that is more
 */
export function explainRefusal(error: unknown, what: string, destination: string, selector: string | undefined, sent = selector): unknown {
  if (!(error instanceof BrokerError) || selector === undefined || sent === undefined) return error;
  if (NO_RIGHT.test(error.brokerMessage)) return error;
  const said = error.brokerMessage.replaceAll(sent, selector);
  const cure = 'correct the selector, e.g. "region = \'EU\' AND amount > 100"; the headers it names have to be Java identifiers';
  const message = `${what} ${destination}: the broker refused the subscription with the selector "${toLogText(selector)}": ${said}; ${cure}`;
  return new BrokerError(said, message, { cause: error });
}
