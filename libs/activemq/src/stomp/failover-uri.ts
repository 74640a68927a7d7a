import { ConfigurationError } from '../errors/index.js';
import { parseQuery, type UriQuery } from './broker-uri-query.js';
import { checkForm, isSameBroker, parseBrokerUri, parseBrokerUriOf, type BrokerUri } from './broker-uri.js';
import { splitComposite } from './failover-composite.js';
import { DEFAULT_FAILOVER_OPTIONS, readFailoverOptions, type FailoverOptions } from './failover-options.js';

/** The brokers of a URL, and how to fail over between them. */
export interface FailoverUri {
  /** The brokers in the order of the URL, each once; at least one. */
  readonly uris: readonly BrokerUri[];
  readonly options: FailoverOptions;
  /** Members of the list that name a broker a second time and are left out, as ActiveMQ does; often a slip in a port. */
  readonly duplicates?: readonly BrokerUri[];
}

/**
 * Parses a `brokerUrl`: one broker URI, or `failover:(uri,uri)?options`, `failover://(uri,uri)?options`, `failover:uri,uri`.
 *
 * One URI alone means the same as a list of one with ActiveMQ's defaults: it is tried for ever, as Spring's listener container does.
 *
 * @throws ConfigurationError that names what is wrong and the cure; it never shows user or password
 */
export function parseBrokerUrl(text: string): FailoverUri {
  if (typeof text !== 'string' || text.trim() === '') {
    throw new ConfigurationError('The broker URL is empty; write stomp://host:61613 or failover:(stomp://a:61613,stomp://b:61613)');
  }
  const list = /^\s*failover:(.*)$/is.exec(text);
  if (list === null) return { uris: [parseBrokerUri(text)], options: DEFAULT_FAILOVER_OPTIONS };
  const { components, query } = splitComposite(list[1] ?? '');
  const parameters = parseListQuery(query);
  const nested = new Map<string, string>();
  const own = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (name.startsWith('nested.')) nested.set(name.slice('nested.'.length), value);
    else own.set(name, value);
  }
  const options = readFailoverOptions(own);
  const all = parseMembers(components, (place) => `Broker URI ${place} of ${components.length}`, nested);
  const uris = all.filter((uri, index) => all.findIndex((other) => isSameBroker(uri, other)) === index);
  const duplicates = all.filter((uri) => !uris.includes(uri));
  return { uris, duplicates, options: { ...options, priorityURIs: priorityUris(own, options, uris) } };
}

function parseListQuery(text: string): UriQuery {
  const parameters = parseQuery(text, 'The failover URL');
  for (const [name, value] of parameters) {
    // An "@" behind the list is the end of a password with parentheses in it; the error must not quote what stands before.
    if (value.includes('@') && name !== 'priorityURIs') {
      throw new ConfigurationError(
        'The failover URL has an "@" in its options: percent-encode what is special in user and password (@ is %40, ( is %28, ) is %29)',
      );
    }
  }
  return parameters;
}

function parseMembers(texts: readonly string[], placeOf: (place: number) => string, nested?: UriQuery): BrokerUri[] {
  // All before any is quoted: a password with a comma in it has been cut in two, and its first half may look like a host.
  texts.forEach((text, index) => checkForm(text, placeOf(index + 1)));
  const added = nested?.size ? ' (with nested.* added)' : '';
  return texts.map((text, index) => parseBrokerUriOf(text, placeOf(index + 1) + added, nested));
}

function priorityUris(own: UriQuery, options: FailoverOptions, uris: readonly BrokerUri[]): readonly BrokerUri[] {
  if (!options.priorityBackup) return [];
  const given = own.get('priorityURIs');
  if (given === undefined) return uris.slice(0, 1);
  return parseMembers(splitComposite(given).components, (place) => `Member ${place} of priorityURIs`).map((wanted, index) => {
    const listed = uris.find((uri) => isSameBroker(uri, wanted));
    if (listed !== undefined) return listed;
    throw new ConfigurationError(
      `Member ${index + 1} of priorityURIs, ${wanted.toString()}, is not in the list of brokers: ${uris.join(', ')}; add it there, or correct it`,
    );
  });
}
