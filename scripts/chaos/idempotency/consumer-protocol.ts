import type { GateSnapshot, SettlementCounts } from 'nestjs-activemq';

/** What a consumer process is started with. */
export interface ConsumerSettings {
  readonly brokerUrl: string;
  readonly redisUrl: string;
  readonly queue: string;
  readonly concurrency: number;
  readonly leaseMs: number;
  /** Names it in its tokens. */
  readonly instanceId: string;
  /** The file in which it writes down what it does. */
  readonly journal: string;
}

/** What it tells. */
export type ConsumerReport =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly line: string }
  | {
      readonly type: 'counts';
      readonly counts: SettlementCounts;
      readonly gate: GateSnapshot;
      readonly unsettledMessages: number;
    };
