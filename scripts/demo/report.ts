import type { DemoCounts } from '../../apps/sample/src/demo/demo-protocol.js';

/** The counts on one line of JSON, in the promised order and with nothing else. */
export function jsonReport(counts: DemoCounts): string {
  const { sent, confirmed, consumed, unique, duplicates, lost, deadLettered, failovers, recoveryMs } = counts;
  return JSON.stringify({ sent, confirmed, consumed, unique, duplicates, lost, deadLettered, failovers, recoveryMs });
}

/** The counts as a table. */
export function tableReport(counts: DemoCounts): string {
  const recoveries = counts.recoveryMs.map((ms) => `${ms} ms`).join(', ');
  const rows: readonly (readonly [string, string, string])[] = [
    ['sent', String(counts.sent), 'sends attempted'],
    ['confirmed', String(counts.confirmed), 'stored by the broker'],
    ['consumed', String(counts.consumed), 'handler runs'],
    ['unique', String(counts.unique), 'messages handled'],
    ['duplicates', String(counts.duplicates), 'handled again'],
    ['lost', String(counts.lost), 'confirmed and never handled'],
    ['dead-lettered', String(counts.deadLettered), 'rejected by the listener'],
    ['failovers', String(counts.failovers), 'times the connection was resumed'],
    ['recovery', recoveries || '-', 'from a kill to the first handler run'],
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map(([name, value, what]) => `  ${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${what}`).join('\n');
}

/** Why the run has not succeeded; `undefined` when it has. */
export function failureOf(counts: DemoCounts, problem: string | undefined): string | undefined {
  if (counts.lost > 0) return `${counts.lost} confirmed messages were never handled${problem === undefined ? '' : `. ${problem}`}`;
  if (problem !== undefined) return problem;
  return counts.confirmed === counts.sent ? undefined : `only ${counts.confirmed} of ${counts.sent} sends were confirmed`;
}
