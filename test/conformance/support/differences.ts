import type { BrokerUnderTest } from './broker-under-test.js';

/** One fact that is not the same in all versions of ActiveMQ. */
export interface Difference<T> {
  readonly fact: string;
  /** What ActiveMQ does from a version on, the oldest first. */
  readonly since: readonly (readonly [version: string, value: T])[];
}

/** The versions this suite has run on; what older ones do is not known. */
const OLDEST = '5.16';

/** What the embedded broker is a copy of. */
const EMBEDDED_COPIES = '5.17.2';

function of<T>(fact: string, ...since: (readonly [version: string, value: T])[]): Difference<T> {
  return { fact, since };
}

/** What becomes of a connection. */
export type Fate = 'open' | 'closed';

/** Every fact that was seen to differ between versions of ActiveMQ; all else in this suite is the same in all of them. */
export const DIFFERENCES = {
  deadLetterAudit: of<number>(
    'Two consumers of a virtual topic reject their copies into individual dead letter queues. So many of the two are kept:',
    [OLDEST, 1],
    ['5.18', 2],
  ),
  silentClientClosed: of<number>(
    'A client that promised a beat each 500 ms and is silent is closed after so many ms at most:',
    [OLDEST, 15_000],
    ['5.17', 4_000],
  ),
  andStopsAtNull: of<boolean>(
    'A selector `a AND b` does not look at b when a is NULL, so that an error in b does not count:',
    [OLDEST, false],
    ['5.17', true],
  ),
  frameBeforeConnect: of<{ readonly message: RegExp; readonly fate: Fate }>(
    'A frame before CONNECT is answered with ERROR. Its message, and what becomes of the connection:',
    [OLDEST, { message: /^Not connected\.$/, fate: 'open' }],
    ['6.3', { message: /received an unexpected frame before CONNECT/, fate: 'closed' }],
  ),
  secondConnect: of<Fate>('A second CONNECT is answered with ERROR. What becomes of the connection:', [OLDEST, 'open'], ['6.3', 'closed']),
} as const;

type Differences = typeof DIFFERENCES;
type Value<K extends keyof Differences> = Differences[K] extends Difference<infer T> ? T : never;

/** What to expect of a broker. */
export function expected<K extends keyof Differences>(name: K, { version }: BrokerUnderTest): Value<K> {
  const { since }: Difference<unknown> = DIFFERENCES[name];
  const applicable = since.filter(([from]) => !isOlder(version === 'embedded' ? EMBEDDED_COPIES : version, from));
  const [, value] = applicable.at(-1) ?? since[0]!;
  return value as Value<K>;
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  const different = b!.findIndex((part, index) => part !== (a![index] ?? 0));
  return different !== -1 && (a![different] ?? 0) < b![different]!;
}
