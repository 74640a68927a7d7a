import { ConfigurationError } from '../errors/index.js';
import { formatDestination, type JmsDestination, parseDestinations } from './destination.js';

interface Entry<T> {
  readonly pattern: JmsDestination;
  readonly segments: readonly string[];
  readonly value: T;
}

/**
 * Values by destination, where `*` stands for one segment of a name and a last `>` for all that follow; the most exact entry wins.
 *
 * @see https://activemq.apache.org/components/classic/documentation/wildcards
 */
export class DestinationMap<T> {
  readonly #entries: readonly Entry<T>[];

  /**
   * @param where names the map in errors
   * @throws ConfigurationError for a bad destination, or one that stands there twice
   */
  constructor(where: string, entries: readonly { readonly destination: string; readonly value: T }[]) {
    const seen = new Set<string>();
    this.#entries = entries
      .map(({ destination, value }) => {
        const patterns = parse(where, destination);
        return patterns.map((pattern) => {
          assertLast(where, pattern);
          const text = formatDestination(pattern);
          if (seen.has(text)) throw new ConfigurationError(`${where}: there are two entries for ${text}`);
          seen.add(text);
          return { pattern, segments: pattern.physicalName.split('.'), value };
        });
      })
      .flat()
      .toSorted(byExactness);
  }

  /** The value of the most exact entry that matches; `undefined` when none does. */
  get(destination: JmsDestination): T | undefined {
    const segments = destination.physicalName.split('.');
    return this.#entries.find(({ pattern, segments: own }) => pattern.type === destination.type && matches(own, segments))?.value;
  }

  /** All values. */
  get values(): readonly T[] {
    return this.#entries.map(({ value }) => value);
  }
}

function parse(where: string, destination: string): readonly JmsDestination[] {
  try {
    return parseDestinations(destination);
  } catch (cause) {
    throw new ConfigurationError(`${where}: ${(cause as Error).message}`, { cause });
  }
}

function assertLast(where: string, pattern: JmsDestination): void {
  if (!pattern.physicalName.split('.').slice(0, -1).includes('>')) return;
  throw new ConfigurationError(
    `${where}: ${formatDestination(pattern)} has a ">" that is not its last segment; ">" stands for all that follow, "*" for one segment`,
  );
}

/** Whether a destination, as it is or by its wildcards, stands for a queue or topic of that name. */
export function matchesDestination(pattern: JmsDestination, { type, physicalName }: JmsDestination): boolean {
  return pattern.type === type && matches(pattern.physicalName.split('.'), physicalName.split('.'));
}

function matches(pattern: readonly string[], name: readonly string[]): boolean {
  for (const [index, segment] of pattern.entries()) {
    if (segment === '>') return true;
    if (index >= name.length || (segment !== '*' && segment !== name[index])) return false;
  }
  return pattern.length === name.length;
}

/** A name, or the end of one, before `*`, and that before `>`, at the first segment where two patterns differ. */
function byExactness<T>(a: Entry<T>, b: Entry<T>): number {
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index++) {
    const difference = vagueness(a.segments[index]) - vagueness(b.segments[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function vagueness(segment: string | undefined): number {
  return segment === '>' ? 2 : Number(segment === '*');
}
