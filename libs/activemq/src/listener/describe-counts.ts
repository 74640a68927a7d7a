import type { SettlementCounts } from '../delivery/settlement-counts.js';

/** What became of a listener's messages, for the line that says it stopped; what hardly ever happens is told only when it did. */
export function describeCounts(counts: SettlementCounts, undecided: number): string {
  const { acknowledged, duplicates, redeliveries, deadLettered, discarded, deferred, released } = counts;
  return [
    `${acknowledged} acknowledged`,
    `${duplicates} duplicates`,
    `${redeliveries} redeliveries`,
    `${deadLettered} dead-lettered`,
    ...(discarded === 0 ? [] : [`${discarded} discarded`]),
    ...(deferred === 0 ? [] : [`${deferred} deferred`]),
    ...(released === 0 ? [] : [`${released} given back`]),
    ...(undecided === 0 ? [] : [`${undecided} undecided and given back`]),
  ].join(', ');
}
