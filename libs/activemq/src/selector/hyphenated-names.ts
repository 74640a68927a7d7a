import { ConfigurationError } from '../errors/index.js';

const STRING = /'(?:[^']|'')*'/g;
const HYPHENATED = /[A-Za-z_$][\w$]*(?:-[A-Za-z_$][\w$]*)+/g;

/** What selectors call headers that STOMP writes with `-`. */
const JMS_NAMES: Readonly<Record<string, string>> = {
  'correlation-id': 'JMSCorrelationID',
  'message-id': 'JMSMessageID',
  'reply-to': 'JMSReplyTo',
  'original-destination': 'originalDestination, of dead letters that this package has made',
};

/**
 * What looks like a header's name with `-` in a selector, which is a subtraction there: `my-header = 'EU'` is true of no message.
 *
 * Names that begin with `JMS` are numbers, and may be subtracted.
 */
export function hyphenatedNames(selector: string): readonly string[] {
  return (selector.replaceAll(STRING, "''").match(HYPHENATED) ?? []).filter(
    (name) => !name.split('-').some((part) => part.startsWith('JMS')),
  );
}

/**
 * Refuses a selector that names a header with `-`: it would choose nothing, and nobody would say so.
 *
 * @param where names the call, e.g. `A browse`
 * @throws ConfigurationError naming the header, and what to write instead
 */
export function assertNoHyphenatedNames(where: string, selector: string): void {
  const [name] = hyphenatedNames(selector);
  if (name === undefined) return;
  const parts = name.split('-');
  const known = Object.hasOwn(JMS_NAMES, name)
    ? `write ${JMS_NAMES[name]}`
    : `select by a header whose name is a Java identifier, such as ${parts.join('_')}`;
  throw new ConfigurationError(
    `${where}: \`selector\` reads ${name} as ${parts.join(' minus ')}, which is true of no message; ${known}. A subtraction is written with spaces, ${parts.join(' - ')}`,
  );
}
