import { ConfigurationError } from '../errors/index.js';

/** The kinds of destination ActiveMQ knows. */
export type DestinationType = 'queue' | 'topic' | 'temp-queue' | 'temp-topic';

/** One queue or topic; mirrors `javax.jms.Destination`. */
export interface JmsDestination {
  readonly type: DestinationType;
  /** The name as the broker's pages show it, e.g. `orders` or `orders.>`. */
  readonly physicalName: string;
}

const PREFIXES: readonly (readonly [string, DestinationType])[] = [
  ['queue://', 'queue'],
  ['topic://', 'topic'],
  ['temp-queue://', 'temp-queue'],
  ['temp-topic://', 'temp-topic'],
  ['/queue/', 'queue'],
  ['/topic/', 'topic'],
  ['/temp-queue/', 'temp-queue'],
  ['/temp-topic/', 'temp-topic'],
  ['/remote-temp-queue/', 'temp-queue'],
  ['/remote-temp-topic/', 'temp-topic'],
];

/**
 * Reads a destination, or a composite one separated by commas: `orders`, `queue://orders`, `topic://prices`, `/queue/orders`, `a,topic://b`.
 *
 * @param pubSubDomain whether a bare name is a topic; default `false`
 * @throws ConfigurationError for an empty name (it makes ActiveMQ drop the connection), an unknown prefix or OpenWire's `?consumer.` options
 * @see https://activemq.apache.org/components/classic/documentation/composite-destinations
 */
export function parseDestinations(text: string, pubSubDomain = false): readonly JmsDestination[] {
  if (typeof text !== 'string') throw new ConfigurationError(`A destination is a text such as "orders", not of type ${typeof text}`);
  const [head = '', ...tail] = text.split(',');
  const first = parseOne(head, text, pubSubDomain ? 'topic' : 'queue');
  // As in ActiveMQ: in `topic://a,b` the second one is a topic too.
  return [first, ...tail.map((part) => parseOne(part, text, first.type))];
}

/**
 * Reads a destination that is a single queue or topic; a topic may have wildcards.
 *
 * @param refuse makes the error for a composite or a queue's wildcard, from how it is written
 * @throws what `refuse` makes, and what {@link parseDestinations} throws
 */
export function parseOneDestination(text: string, refuse: (written: string) => ConfigurationError, pubSubDomain = false): JmsDestination {
  const destinations = parseDestinations(text, pubSubDomain);
  if (destinations.length > 1 || isPattern(destinations)) throw refuse(destinations.map(formatDestination).join(','));
  return destinations[0]!;
}

/**
 * Reads where a message is sent to, as {@link parseDestinations} does; never a pattern, from which a message does not go to what it matches.
 *
 * @param what names it in the error
 * @throws ConfigurationError for a wildcard, and what {@link parseDestinations} throws
 */
export function parseTargets(what: string, text: string, pubSubDomain = false): readonly JmsDestination[] {
  const targets = parseDestinations(text, pubSubDomain);
  for (const target of targets) {
    if (!hasWildcard(target) || TAKES_PATTERNS.test(target.physicalName)) continue;
    throw new ConfigurationError(
      `${what} is ${formatDestination(target)}, a pattern: ActiveMQ takes that for the very name of one destination, whose messages only who subscribes later may get; ` +
        'name the destinations, separated by commas for several',
    );
  }
  return targets;
}

/** Writes destinations the way STOMP frames carry them: `/queue/a,/topic/b`. */
export function toStompDestination(destinations: readonly JmsDestination[]): string {
  return destinations.map(({ type, physicalName }) => `/${isRemote(type, physicalName) ? 'remote-' : ''}${type}/${physicalName}`).join(',');
}

/** Writes a destination the way JMS prints it: `queue://orders`. */
export function formatDestination({ type, physicalName }: JmsDestination): string {
  return `${type}://${physicalName}`;
}

/** Whether destinations may stand for several queues: more than one, or one with a wildcard segment (`*`, `>`). */
export function isPattern(destinations: readonly JmsDestination[]): boolean {
  const queues = destinations.filter(({ type }) => type === 'queue');
  return queues.length > 0 && (destinations.length > 1 || queues.some(hasWildcard));
}

/** Where a wildcard is part of a question to the broker's statistics plugin. */
const TAKES_PATTERNS = /^ActiveMQ\.Statistics\./;

function hasWildcard({ physicalName }: JmsDestination): boolean {
  return /(?:^|\.)[*>](?:\.|$)/.test(physicalName);
}

function parseOne(part: string, whole: string, bareType: DestinationType): JmsDestination {
  const known = PREFIXES.find(([prefix]) => part.startsWith(prefix));
  const [physicalName, type] = known ? [part.slice(known[0].length), known[1]] : [part, bareType];
  const refuse = (why: string) => new ConfigurationError(`Destination ${JSON.stringify(whole.slice(0, 200))} ${why}`);
  if (physicalName === '') throw refuse('has an empty name; write a name, as in "orders" or "topic://prices"');
  if (/\p{Cc}/u.test(physicalName) || physicalName !== physicalName.trim()) {
    throw refuse('has white space around a name, or control characters in it');
  }
  if (!known && (physicalName.startsWith('/') || physicalName.includes('://'))) {
    throw refuse(`has an unknown prefix; the known ones are ${PREFIXES.map(([prefix]) => prefix).join(' ')}`);
  }
  const uri = known ? undefined : readUri(physicalName);
  if (uri !== undefined) {
    throw refuse(
      `is written as a URI, which is not known here: it would be a queue of that whole name; write ${JSON.stringify(uri.slice(0, 200))}`,
    );
  }
  if (/\?(consumer|producer)\./.test(physicalName)) {
    throw refuse('carries OpenWire options after "?", which STOMP does not know; use the options of the listener or of the send');
  }
  return { type, physicalName };
}

/** What somebody means who writes a destination as Camel's and JMS's URIs do: `topic:prices`, `jms:queue:orders`. */
function readUri(name: string): string | undefined {
  const match = /^(?:jms:|activemq:)?(?:(queue|topic|temp-queue|temp-topic):)?(.*)$/i.exec(name)!;
  const [, type, rest = ''] = match;
  if (rest === name) return undefined;
  const bare = rest.replace(/^\/+/, '') || '...';
  return type === undefined ? bare : `${type.toLowerCase()}://${bare}`;
}

/** A temporary destination of another connection goes by the broker's own name for it. */
function isRemote(type: DestinationType, physicalName: string): boolean {
  return type.startsWith('temp-') && physicalName.startsWith('ID:');
}
