/** What a measurement repeats: transacted deliveries with a send each, dead letters, retries by the broker's scheduler. */
export const KINDS = ['transacted', 'dead-lettered', 'scheduled'] as const;
export type Kind = (typeof KINDS)[number];

/** Where the messages are sent. */
export const QUEUE = 'flat.memory';
/** Where the handler of kind `transacted` sends to. */
export const OUT_QUEUE = 'flat.memory.out';
/** Where dead letters go. */
export const DEAD_LETTER_QUEUE = 'flat.memory.DLQ';

/** What a consumer process is started with. */
export interface ConsumerSettings {
  readonly brokerUrl: string;
  readonly kind: Kind;
}

/** What it is told: collect garbage and say what is left. */
export type ConsumerOrder = 'measure';

/** What it tells. */
export type ConsumerReport =
  | { readonly type: 'ready' }
  /** Messages that have met their end so far. */
  | { readonly type: 'ended'; readonly messages: number }
  /** Bytes after the garbage collection. */
  | { readonly type: 'memory'; readonly rss: number; readonly heapUsed: number };
