import { BrokerError, ConfigurationError, ReceiptTimeoutError } from '../errors/index.js';
import { Deadline } from './deadline.js';
import type { Link } from './link.js';

/** Which durable subscription of which client. */
export interface DurableSubscriptionName {
  readonly clientId: string | undefined;
  readonly subscriptionName: string;
}

/** ActiveMQ's words. */
const NO_SUCH = /^No durable subscription exists\b/;

/**
 * Deletes a durable subscription, with what is stored for it: ActiveMQ's second step, after the consumer has UNSUBSCRIBEd.
 *
 * @param link whose session has the client id
 * @param timeout ms for everything together, waiting for a broker included
 * @throws BrokerError when a consumer still uses it, or there is none of that name
 */
export async function deleteDurableSubscription(
  link: Link,
  { clientId, subscriptionName }: DurableSubscriptionName,
  timeout: number,
): Promise<void> {
  const what = `The durable subscription '${subscriptionName}' of client '${clientId}'`;
  if (clientId === undefined) {
    throw new ConfigurationError(
      `The durable subscription '${subscriptionName}' cannot be deleted: the connection has no \`clientId\`, so it has none`,
    );
  }
  const deadline = new Deadline(timeout, () => {
    const why = link.current ? '' : `, because there is no connection${link.lastFailure ? `: ${link.lastFailure}` : ''}`;
    return new ReceiptTimeoutError(`${what} was not deleted within ${timeout} ms${why}`, timeout);
  });
  let peer = 'the broker';
  try {
    const { session } = await link.session(deadline.signal);
    peer = session.peer;
    await session.request('UNSUBSCRIBE', { id: subscriptionName, 'activemq.subscriptionName': subscriptionName }, undefined, deadline.left);
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    const why = NO_SUCH.test(error.brokerMessage)
      ? `there is none of that name for this \`clientId\` on ${peer}: ${error.brokerMessage}`
      : `${error.brokerMessage}; its listener has to be stopped first, here and wherever else it runs`;
    throw new BrokerError(error.brokerMessage, `${what} was not deleted: ${why}`, { cause: error });
  } finally {
    deadline.clear();
  }
}
