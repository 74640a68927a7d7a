import { isQueue, type DestinationName } from './destination-name.js';

/** Tells whether a name stands for a single destination: a match for that name, a pattern or a composite. */
export type DestinationFilter = (name: DestinationName) => boolean;

/** Makes the filter of a name: exact, or with ActiveMQ's wildcards (`*` one path element, `>` all that follow), or any of a composite. */
export function destinationFilter(wanted: DestinationName): DestinationFilter {
  if (wanted.members !== undefined) {
    const members = wanted.members.map((member) => destinationFilter(member));
    return (name) => members.some((matches) => matches(name));
  }
  if (!wanted.pattern) return (name) => name.qualifiedName === wanted.qualifiedName;
  const matches = pathFilter(wanted.physicalName);
  return (name) => isQueue(name) === isQueue(wanted) && matches(name.physicalName);
}

/** Makes a filter of plain names from a pattern such as `orders.>`; `orders.>` matches `orders` too, as in ActiveMQ. */
export function pathFilter(pattern: string): (name: string) => boolean {
  const wanted = pattern.split('.');
  const open = wanted.at(-1) === '>';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  return (name) => {
    const path = name.split('.');
    if (open ? path.length < fixed.length : path.length !== fixed.length) return false;
    return fixed.every((element, i) => element === '*' || element === path[i]);
  };
}
