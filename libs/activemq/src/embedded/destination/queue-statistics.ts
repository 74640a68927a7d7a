/** What happened in a destination since its broker started. */
export interface DestinationStatistics {
  enqueued: number;
  dequeued: number;
  dispatched: number;
  expired: number;
}

/** All zeros. */
export function emptyStatistics(): DestinationStatistics {
  return { enqueued: 0, dequeued: 0, dispatched: 0, expired: 0 };
}
