import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What lives in a broker's heap after a garbage collection. */
export interface BrokerHeap {
  readonly bytes: number;
  /** Acknowledgements that the broker remembers: what its leak is made of. */
  readonly ackEntries: number;
}

/**
 * Collects the garbage of a Java process and counts what lives on.
 *
 * @throws Error with the cure when there is no `jcmd`, which a JDK has and a JRE has not
 */
export async function brokerHeap(pid: number): Promise<BrokerHeap> {
  let histogram: string;
  try {
    ({ stdout: histogram } = await run('jcmd', [String(pid), 'GC.class_histogram'], { maxBuffer: 16 * 1024 * 1024 }));
  } catch (error) {
    throw new Error('jcmd could not look into the broker. Cure: install a JDK, e.g. openjdk-17-jdk-headless; a JRE has none', {
      cause: error,
    });
  }
  const bytes = /^Total\s+\d+\s+(\d+)/m.exec(histogram)?.[1];
  if (bytes === undefined) throw new Error(`jcmd printed no total: ${histogram.slice(-200)}`);
  const entries = /^\s*\d+:\s+(\d+)\s+\d+\s+\S*StompAckEntry/m.exec(histogram)?.[1];
  return { bytes: Number(bytes), ackEntries: Number(entries ?? 0) };
}
