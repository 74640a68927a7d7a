/** The four kinds of destination. */
export type DestinationKind = 'queue' | 'topic' | 'temp-queue' | 'temp-topic';

/** A destination as the broker knows it: its kind and its physical name. */
export interface DestinationName {
  readonly kind: DestinationKind;
  /** Without prefix and options; of a composite, everything behind the first prefix (`a,queue://b`). */
  readonly physicalName: string;
  /** `queue://orders`: unique over all kinds. */
  readonly qualifiedName: string;
  /** The members of a composite, `undefined` for a single destination. */
  readonly members: readonly DestinationName[] | undefined;
  /** True when the name holds `*` or `>`. */
  readonly pattern: boolean;
}

const PREFIXES: readonly (readonly [string, DestinationKind])[] = [
  ['queue://', 'queue'],
  ['topic://', 'topic'],
  ['temp-queue://', 'temp-queue'],
  ['temp-topic://', 'temp-topic'],
];

/** Tells whether a destination belongs to a queue (temporary ones included). */
export function isQueue(name: DestinationName): boolean {
  return name.kind === 'queue' || name.kind === 'temp-queue';
}

/** Tells whether a destination lives only as long as the connection that made it. */
export function isTemporary(name: DestinationName): boolean {
  return name.kind === 'temp-queue' || name.kind === 'temp-topic';
}

/**
 * Names one destination; options behind `?` are dropped, a comma makes a composite.
 *
 * @throws RangeError when the name is empty, which makes ActiveMQ drop the connection
 */
export function destinationName(kind: DestinationKind, text: string): DestinationName {
  const trimmed = text.trim();
  if (trimmed === '') throw new RangeError('Invalid destination name: a non-empty name is required');
  const options = trimmed.indexOf('?');
  const physicalName = options === -1 ? trimmed : trimmed.slice(0, options);
  const composite = physicalName.includes(',');
  return {
    kind,
    physicalName,
    qualifiedName: `${kind}://${physicalName}`,
    members: composite ? compositeMembers(kind, physicalName) : undefined,
    pattern: !composite && /[*>]/.test(physicalName),
  };
}

/** Reads a qualified name such as `topic://prices`; without a prefix it is of the given kind. */
export function qualifiedDestination(text: string, defaultKind: DestinationKind): DestinationName {
  for (const [prefix, kind] of PREFIXES) {
    if (text.startsWith(prefix)) return destinationName(kind, text.slice(prefix.length));
  }
  return destinationName(defaultKind, text);
}

function compositeMembers(kind: DestinationKind, physicalName: string): DestinationName[] {
  const names = new Set(
    physicalName
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );
  return [...names].map((name) => qualifiedDestination(name, kind));
}
