import type { BrokerUnderTest } from './broker-under-test.js';

/** What one version, and all from there on, do differently. */
interface Deviation<T> {
  /** The first version that does so, or `embedded`. */
  readonly from: string;
  readonly value: T;
}

/** One fact that is not the same on every broker. */
export interface Difference<T> {
  /** What the value counts or tells. */
  readonly fact: string;
  /** What brokers do that no deviation names. */
  readonly usual: T;
  /** In the order of versions; the last that applies counts. */
  readonly deviations: readonly Deviation<T>[];
}

/** Every fact that was seen to differ between brokers; all else in this suite is the same on all of them. */
export const DIFFERENCES = {
  'audit of individual dead letter queues': {
    fact: 'copies of a virtual topic message that are kept when two consumers reject it into individual dead letter queues',
    usual: 1,
    deviations: [],
  } as Difference<number>,
} as const;

type Differences = typeof DIFFERENCES;

/** The recorded difference of that name: `difference(name).on(broker)` is what to expect there. */
export function difference<K extends keyof Differences>(name: K): { on(broker: BrokerUnderTest): Differences[K]['usual'] } {
  const { usual, deviations }: Difference<Differences[K]['usual']> = DIFFERENCES[name];
  return {
    on: ({ version }) => {
      const deviation = deviations.filter(({ from }) => applies(from, version)).at(-1);
      return deviation ? deviation.value : usual;
    },
  };
}

function applies(from: string, version: string): boolean {
  if (from === 'embedded' || version === 'embedded') return from === version;
  const [a, b] = [numbers(from), numbers(version)];
  const different = a.findIndex((part, index) => part !== (b[index] ?? 0));
  return different === -1 || (a[different] ?? 0) < (b[different] ?? 0);
}

function numbers(version: string): number[] {
  return version.split('.').map(Number);
}
