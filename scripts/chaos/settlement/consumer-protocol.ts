import type { Combination } from './combination.js';

/** What a consumer process is started with. */
export interface ConsumerSettings {
  readonly brokerUrl: string;
  readonly combinations: readonly Combination[];
  /** Which one it is; stands in the attempt logs. */
  readonly number: number;
  /** Holds a folder of attempt logs for each queue, and the consumers' own log lines. */
  readonly folder: string;
  /** ms until the first redelivery, for the modes `local` and `scheduled`. */
  readonly redeliveryDelay: number;
}

/** What it is told: to begin to consume; to stop every listener, so many ms after which handlers are not waited for, and to begin again. */
export type ConsumerOrder = 'start' | { readonly restart: number };

/** What it tells: `ready` when it waits for `start`, `started` when it is subscribed, `threw` each time a handler is about to fail. */
export type ConsumerReport = 'ready' | 'started' | 'threw';
