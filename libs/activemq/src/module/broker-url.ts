import { ConfigurationError } from '../errors/index.js';
import { type FailoverUri, parseBrokerUrl } from '../stomp/failover-uri.js';

/**
 * The brokers of the option `brokerUrl`.
 *
 * @param where names the options of the connection
 * @throws ConfigurationError naming connection, option and cure; it never shows user or password
 */
export function readBrokerUrl(where: string, brokerUrl: unknown): FailoverUri {
  if (Array.isArray(brokerUrl)) {
    throw new ConfigurationError(
      `${where}: \`brokerUrl\` is an array; write one text for all brokers, as in failover:(stomp://a:61613,stomp://b:61613)`,
    );
  }
  const text = brokerUrl as string;
  try {
    return parseBrokerUrl(text);
  } catch (cause) {
    if (!(cause instanceof ConfigurationError)) throw cause;
    throw new ConfigurationError(`${where}: \`brokerUrl\`: ${cause.message}${cureOf(text)}`, { cause });
  }
}

/** What to write for what people write who know other clients. */
function cureOf(text: string): string {
  // Of a text without "@" and "/" nothing can be a password.
  if (/^[\w.-]+(?::\d{1,5})?$/.test(text)) return `; write stomp://${text}`;
  const other = /(?:^|[(,])\s*((?:nio|auto)(\+ssl)?):\/\//i.exec(text);
  if (other) return `; write \`${other[2] ? 'ssl' : 'tcp'}\` for \`${other[1]!.toLowerCase()}\`, with the port of a STOMP connector`;
  return '';
}
