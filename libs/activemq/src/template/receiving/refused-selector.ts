import { toLogText } from '../../errors/error-text.js';
import { BrokerError } from '../../errors/index.js';

/** What a refused subscription with a selector fails with: ActiveMQ names neither the selector nor the queue. Anything else stays as it is. */
export function explainRefusal(error: unknown, what: string, destination: string, selector: string | undefined): unknown {
  if (!(error instanceof BrokerError) || selector === undefined) return error;
  const cure = 'correct the selector, e.g. "region = \'EU\' AND amount > 100"; the headers it names have to be Java identifiers';
  const message = `${what} ${destination}: the broker refused the subscription with the selector "${toLogText(selector)}": ${error.brokerMessage}; ${cure}`;
  return new BrokerError(error.brokerMessage, message, { cause: error });
}
