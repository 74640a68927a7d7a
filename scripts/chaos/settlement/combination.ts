/** Redelivery modes that a run covers. */
export const MODES = ['local', 'scheduled', 'broker'] as const;
/** Dead-letter strategies that a run covers. */
export const STRATEGIES = ['shared', 'individual', 'discarding', 'broker'] as const;
/** Acknowledgement modes that a run covers. */
export const ACK_MODES = ['auto', 'transacted'] as const;

/** One listener of a run: a redelivery mode, a dead-letter strategy, an acknowledgement mode. */
export interface Combination {
  readonly mode: (typeof MODES)[number];
  readonly strategy: (typeof STRATEGIES)[number];
  readonly ack: (typeof ACK_MODES)[number];
}

/** Attempts that a message gets: one, and `maximumRedeliveries`. */
export const LIMIT = 3;

/** Messages that a combination gets in a round. */
export const BATCH = 5;

/** What the queue of transacted handlers' sends is called: `<queue>.out`. */
const OUT = '.out';

/** Its queue; the broker's policies go by the second and the third part of the name. */
export function queueOf({ mode, strategy, ack }: Combination): string {
  return `chaos.${strategy}.${mode}.${ack}`;
}

/** Where its handler sends to, when it is transacted. */
export function outQueueOf(combination: Combination): string {
  return `${queueOf(combination)}${OUT}`;
}

/** Where its dead letters have to be; `undefined` for nowhere. */
export function deadLetterQueueOf(combination: Combination): string | undefined {
  const places = {
    shared: 'ActiveMQ.DLQ',
    individual: `DLQ.${queueOf(combination)}`,
    broker: `BROKER.DLQ.${queueOf(combination)}`,
    discarding: undefined,
  };
  return places[combination.strategy];
}

/** How often message number `n` fails before it succeeds: never, once, twice, or always. */
export function failuresOf(n: number): number {
  return [Infinity, 1, 2, 0, Infinity][n % BATCH]!;
}
