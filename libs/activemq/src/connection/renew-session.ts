import { ConnectionClosedError } from '../errors/index.js';
import type { Link } from './link.js';
import type { MessageConsumer } from './message-consumer.js';
import { within } from './within.js';

/**
 * Leaves the session of a link for a new one, when no handler of its consumers runs: what still ran would be handled by somebody else too.
 *
 * @param timeout ms that running handlers get to end, while no other one starts
 * @returns false when some still run, or wait for a decision: nothing has changed then
 * @throws what DISCONNECT failed with; the session is ended all the same
 */
export async function renewSession(link: Link, consumers: ReadonlySet<MessageConsumer>, timeout: number): Promise<boolean> {
  const left = link.current;
  const rests = [...consumers].map((consumer) => consumer.rest());
  try {
    const idle = Promise.all(rests.map((rest) => rest.idle));
    if (!(await within(timeout, idle)) || (await idle).includes(false)) return false;
    // Another listener may have asked for the same meanwhile.
    if (!left || link.current !== left) return true;
    const reason = `${left.uri.toString()} is left for a new session: it remembers what was acknowledged in transactions`;
    await left.session.disconnect(undefined, new ConnectionClosedError(reason));
    return true;
  } finally {
    for (const rest of rests) rest.end();
  }
}
