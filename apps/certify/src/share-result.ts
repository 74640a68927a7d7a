import type { MessageCounts } from './tally.js';

/** What happens: only a consumer at the other broker; one at each; one at each and a broker dies. */
export type ActName = 'forwarded' | 'shared' | 'killed';

/** What one act of `share` counted. */
export interface ShareAct extends MessageCounts {
  readonly act: ActName;
  /** Handler runs of the listener that prefers broker1. */
  readonly atBroker1: number;
  /** Handler runs of the listener that prefers broker2. */
  readonly atBroker2: number;
  /** From the first send until every confirmed message was handled. */
  readonly tookMs: number;
}

/** All acts on one network. */
export interface ShareResult {
  readonly topology: string;
  readonly messages: number;
  readonly acts: readonly ShareAct[];
  readonly lost: number;
}

/** One line of JSON. */
export function shareLine({ topology, messages, acts, lost }: ShareResult): string {
  return JSON.stringify({ topology, messages, acts, lost });
}

const HEADINGS = ['', 'confirmed', 'handled', 'lost', 'duplicated', 'at broker1', 'at broker2', 'took'];

/** A table for a person. */
export function shareTable({ topology, messages, acts, lost }: ShareResult): string {
  const rows = acts.map(({ act, confirmed, handled, lost, duplicated, atBroker1, atBroker2, tookMs }) => [
    act,
    ...[confirmed, handled, lost, duplicated, atBroker1, atBroker2].map(String),
    `${tookMs} ms`,
  ]);
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`;
  return [`${topology}, ${messages} messages: ${lost === 0 ? 'nothing lost' : `${lost} LOST`}`, line(HEADINGS), ...rows.map(line)].join(
    '\n',
  );
}
