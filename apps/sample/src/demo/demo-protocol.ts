/** What the demo counts; printed as JSON in this order. */
export interface DemoCounts {
  /** Sends attempted. */
  readonly sent: number;
  /** Sends that resolved: the broker has stored the message. */
  readonly confirmed: number;
  /** Handler runs. */
  readonly consumed: number;
  /** Distinct messages handled. */
  readonly unique: number;
  /** `consumed - unique`. */
  readonly duplicates: number;
  /** Confirmed messages that were never handled. */
  readonly lost: number;
  /** Messages the listener rejected into a dead letter queue. */
  readonly deadLettered: number;
  /** How often the producer's connection was resumed after it was lost. */
  readonly failovers: number;
  /** For each kill, or loss of the connection: ms until the first handler run after it. */
  readonly recoveryMs: readonly number[];
}

/** What one run does; the broker's URL, which may hold a password, comes as `ACTIVEMQ_BROKER_URL`. */
export interface DemoSettings {
  readonly queue: string;
  /** Runs on an embedded cluster in the demo's own process; `ACTIVEMQ_BROKER_URL` does not count then. */
  readonly embedded: boolean;
  readonly messages: number;
  /** Messages per second; absent: as fast as the broker confirms. */
  readonly rate?: number;
  readonly killMaster: boolean;
  readonly killConsumer: boolean;
}

/** What the process that runs the demo tells the script that started it. */
export type DemoEvent =
  | { readonly type: 'progress'; readonly confirmed: number; readonly unique: number }
  | { readonly type: 'handled'; readonly text: string }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'kill-master' }
  | { readonly type: 'finished'; readonly counts: DemoCounts; readonly problem?: string };

/** What the script answers: the master was killed, at so many ms since 1970. */
export interface MasterKilled {
  readonly type: 'master-killed';
  readonly at: number;
}

/** What the consumer's process tells the one that runs the demo. */
export type ConsumerEvent =
  | { readonly type: 'ready' }
  | { readonly type: 'handled'; readonly number: number; readonly at: number; readonly deadLettered: number };

const TEXT = /^cluster-queue-msg-([1-9]\d{0,8})$/;

/** The message of a number, as the classic ActiveMQ tutorials write it. */
export function demoText(number: number): string {
  return `cluster-queue-msg-${number}`;
}

/** The number of a message; `undefined` for a text that is none of the demo's. */
export function demoNumber(text: unknown): number | undefined {
  const digits = typeof text === 'string' ? TEXT.exec(text)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}
