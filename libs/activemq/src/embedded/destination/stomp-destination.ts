import { qualifiedDestination, type DestinationKind, type DestinationName } from './destination-name.js';

const STOMP_PREFIXES: readonly (readonly [string, string])[] = [
  ['/queue/', 'queue://'],
  ['/topic/', 'topic://'],
  ['/remote-temp-queue/', 'temp-queue://'],
  ['/remote-temp-topic/', 'temp-topic://'],
];

const SHOWN_AS: Readonly<Record<DestinationKind, string>> = {
  queue: '/queue/',
  topic: '/topic/',
  'temp-queue': '/remote-temp-queue/',
  'temp-topic': '/remote-temp-topic/',
};

/** Finds or makes the temporary destination that a connection calls `/temp-queue/x` or `/temp-topic/x`. */
export type TemporaryDestinations = (stompName: string, topic: boolean) => DestinationName;

/**
 * Reads the destination of a STOMP header, composites included. What has no known prefix becomes a queue of that name, as in ActiveMQ.
 *
 * @returns `undefined` for a name without a known prefix when `strict` is set (a `reply-to` is then kept as it is)
 * @throws RangeError when the name is empty
 */
export function parseStompDestination(text: string, temporary: TemporaryDestinations, strict?: false): DestinationName;
export function parseStompDestination(text: string, temporary: TemporaryDestinations, strict: true): DestinationName | undefined;
export function parseStompDestination(text: string, temporary: TemporaryDestinations, strict = false): DestinationName | undefined {
  const names = text.trim().split(',');
  // Java's split drops empty strings at the end, so that "a," is no composite.
  while (names.length > 1 && names.at(-1) === '') names.pop();
  const qualified: string[] = [];
  for (const name of names.length === 1 && names[0] === '' ? [text.trim()] : names) {
    const converted = convert(name, temporary);
    if (converted === undefined && strict) return undefined;
    qualified.push(converted ?? `queue://${name.trim()}`);
  }
  return qualifiedDestination(qualified.join(','), 'queue');
}

/** Writes a destination as a STOMP header shows it. */
export function showStompDestination(name: DestinationName): string {
  return SHOWN_AS[name.kind] + name.physicalName;
}

function convert(name: string, temporary: TemporaryDestinations): string | undefined {
  for (const [stomp, qualified] of STOMP_PREFIXES) {
    if (name.startsWith(stomp)) return qualified + name.slice(stomp.length);
  }
  if (name.startsWith('/temp-queue/')) return temporary(name, false).qualifiedName;
  if (name.startsWith('/temp-topic/')) return temporary(name, true).qualifiedName;
  return undefined;
}
