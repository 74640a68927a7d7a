import type { ActiveMqConnection } from '../../connection/activemq-connection.js';
import { ConfigurationError } from '../../errors/index.js';
import { formatDestination, parseOneDestination, toStompDestination } from '../../message/destination.js';
import { JmsMessage } from '../../message/jms-message.js';
import type { MessageConverter } from '../../message/message-converter.js';
import { explainRefusal } from '../../selector/index.js';
import { assertBrowseOptions, type BrowseOptions } from './browse-options.js';

/** Shows the messages of one queue, as they stand there; a generator that is not read to its end has to be returned, as `for await` does. */
export function browseMessages(
  { connection, converter, pubSubDomain }: { connection: ActiveMqConnection; converter: MessageConverter; pubSubDomain: boolean },
  destination: string,
  options: BrowseOptions,
): AsyncGenerator<JmsMessage, void, void> {
  assertBrowseOptions(options);
  const refuse = (written: string) => new ConfigurationError(`Only one queue can be browsed, not ${written}`);
  const queue = parseOneDestination(destination, refuse, pubSubDomain);
  if (queue.type.endsWith('topic')) throw refuse(formatDestination(queue));
  const explain = (error: unknown) => explainRefusal(error, 'Nothing can be browsed in', formatDestination(queue), options.selector);
  return toMessages(connection.browse(toStompDestination([queue]), options), converter, explain);
}

async function* toMessages(
  frames: ReturnType<ActiveMqConnection['browse']>,
  converter: MessageConverter,
  explain: (error: unknown) => unknown,
): AsyncGenerator<JmsMessage, void, void> {
  try {
    for await (const frame of frames) yield new JmsMessage(frame, { convert: (message) => converter.fromMessage(message) });
  } catch (error) {
    throw explain(error);
  }
}
