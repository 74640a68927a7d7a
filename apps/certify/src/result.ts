import type { MessageCounts } from './tally.js';

/** What one fault did. */
export interface FaultResult extends MessageCounts {
  readonly fault: string;
  /** The longest time, ms, in which no send was confirmed or no message handled. */
  readonly outageMs: number;
  /** Who was master afterwards; in a network of brokers: who took the producer's messages. */
  readonly master: string;
  /** A promise that was not kept, other than a lost message. */
  readonly problem?: string;
}

/** What a topology went through. */
export interface TopologyResult {
  readonly topology: string;
  readonly faults: readonly FaultResult[];
  readonly lost: number;
}

/** Whether every promise was kept. */
export function isKept({ lost, faults }: TopologyResult): boolean {
  return lost === 0 && faults.every(({ problem }) => problem === undefined);
}

/** One line of JSON, in the promised order and with nothing else. */
export function jsonLine({ topology, faults, lost }: TopologyResult): string {
  return JSON.stringify({
    topology,
    faults: faults.map(({ fault, confirmed, handled, lost, duplicated, outageMs, master }) => ({
      fault,
      confirmed,
      handled,
      lost,
      duplicated,
      outageMs,
      master,
    })),
    lost,
  });
}

const HEADINGS = ['fault', 'confirmed', 'handled', 'lost', 'duplicated', 'without service', 'then served by'];

/** A table for a person, and the promises that were not kept. */
export function tableOf({ topology, faults, lost }: TopologyResult): string {
  const rows = faults.map(({ fault, confirmed, handled, lost, duplicated, outageMs, master }) => [
    fault,
    String(confirmed),
    String(handled),
    String(lost),
    String(duplicated),
    `${outageMs} ms`,
    master,
  ]);
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const isText = (column: number) => column === 0 || column === HEADINGS.length - 1;
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`.trimEnd();
  const problems = faults.flatMap(({ fault, problem }) => (problem === undefined ? [] : [`  ${fault}: ${problem}`]));
  return [`${topology}: ${lost === 0 ? 'nothing lost' : `${lost} LOST`}`, line(HEADINGS), ...rows.map(line), ...problems].join('\n');
}
