/** What is done to a process, or its network: SIGKILL, SIGTERM (a database: SIGINT), SIGSTOP, every packet dropped. */
export type FaultAction = 'kill' | 'stop' | 'pause' | 'partition';

/**
 * Whom it hits: by its part at that moment (`master`, `slave`, `zookeeper-leader`, `zookeeper-quorum`: two of three) or by its name.
 */
export type FaultTarget =
  | 'master'
  | 'slave'
  | 'database'
  | 'zookeeper-leader'
  | 'zookeeper-quorum'
  | 'broker1'
  | 'broker2'
  | 'broker3'
  | 'broker4'
  | 'broker5';

/** One thing that is done to a cluster under load. */
export interface Fault {
  /** Such as `kill-master`; unique in its topology. */
  readonly name: string;
  readonly action: FaultAction;
  readonly targets: readonly FaultTarget[];
  /** Partition: only from these nodes; default from everything. */
  readonly from?: readonly string[];
  /** Whether service has to go on while the targets are gone; otherwise sends wait, and go on once they are back. */
  readonly survives: boolean;
  /** ms the targets stay gone at least. */
  readonly hold: number;
  /** Messages that lie in the brokers when it happens, because nobody listened. */
  readonly backlog: number;
}

/** ms: a killed process stays away so long; a silent one longer than the clients of certify wait for a sign of life. */
const HOLD: Readonly<Record<FaultAction, number>> = { kill: 3_000, stop: 3_000, pause: 8_000, partition: 8_000 };

/** A fault that the topology promises to survive. */
export function survived(action: FaultAction, target: FaultTarget, changes: Partial<Fault> = {}): Fault {
  return { name: `${action}-${target}`, action, targets: [target], survives: true, hold: HOLD[action], backlog: 0, ...changes };
}

/** A fault that ends the service until what it hit is back. */
export function endured(action: FaultAction, target: FaultTarget, changes: Partial<Fault> = {}): Fault {
  return survived(action, target, { survives: false, ...changes });
}
