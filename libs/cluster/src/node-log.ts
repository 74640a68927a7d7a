import { open } from 'node:fs/promises';

const START_LINE = '==== start ';
/** A node says little at start-up and much only in trouble: the end is what matters, in bytes. */
const MOST_READ = 1024 * 1024;

/** The end of a log file, 1 MiB at most; empty when there is none yet. */
export async function readLog(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  if (!file) {
    return '';
  }
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - MOST_READ);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The line before each start, so that one start's output can be told from the last one's. */
export function startLine(now: Date): string {
  return `${START_LINE}${now.toISOString()} ====\n`;
}

/** What a broker says when it begins or ends waiting; the last of these words counts. */
interface Sign {
  readonly words: RegExp;
  /** Undefined ends the waiting. */
  readonly waitsFor?: string;
  readonly slave?: boolean;
  /** Only the try is told, not whether it failed: ms after which it did. */
  readonly patience?: number;
}

const SIGNS: readonly Sign[] = [
  { words: /in slave mode/gi, waitsFor: 'the lock of the store', slave: true },
  {
    // The second is where PostgreSQL has a broker wait that wants to make the tables while the master holds its row of them.
    words: /attempting to acquire .*exclusive l(?:ock|ease) to become the master|relation "activemq_lock" already exists/gi,
    waitsFor: 'the lock in the database',
    slave: true,
    patience: 1_000,
  },
  { words: /Slave started|Attaching to master/g, waitsFor: 'the next election', slave: true },
  { words: /Not enough cluster members connected to elect/g, waitsFor: 'a quorum of replicas', slave: true },
  { words: /waiting for broker persistence adapter checkpoint/g, waitsFor: 'the database' },
  {
    words:
      /becom(?:ing|e) (?:the )?master(?: broker)?(?: on| with|\b.*acquired)|Promoted to master|Successfully restarted transports|ActiveMQ \S+ \(.*\) started/gi,
  },
];

const ENDS = SIGNS.filter(({ waitsFor }) => waitsFor === undefined).map(({ words }) => words);

function lastIndexOf(log: string, words: RegExp): number {
  return [...log.matchAll(words)].at(-1)?.index ?? -1;
}

/** What a node that serves nobody waits for, in words, and whether as a slave, as far as its last start tells. */
export function waitingOf(log: string, now = Date.now()): { readonly waitsFor?: string; readonly slave: boolean } {
  const last = lastStart(log);
  const ended = Math.max(-1, ...ENDS.map((words) => lastIndexOf(last, words)));
  const signs = SIGNS.map((sign) => ({ sign, at: lastIndexOf(last, sign.words) })).filter(({ sign, at }) => at > ended && sign.waitsFor);
  // A broker that lost its right to be master starts anew in the same process, and what is left of the old one may go on talking.
  const asSlave = signs.filter(({ sign }) => sign.slave);
  const latest = (asSlave.length > 0 ? asSlave : signs).toSorted((a, b) => a.at - b.at).at(-1);
  const { sign: found, at = -1 } = latest ?? {};
  // Since the first try that nothing came of: a broker may ask in two places, one after the other.
  const since = [...last.matchAll(found?.words ?? /$^/g)].find(({ index }) => index > ended)?.index ?? at;
  const waited = now - timeOf(last, since);
  return waited < (found?.patience ?? 0) ? { slave: false } : { waitsFor: found?.waitsFor, slave: found?.slave ?? false };
}

/** When the line at `index` was written, ms since 1970; every logger of ours begins its lines with the local time. */
function timeOf(log: string, index: number): number {
  const line = log.slice(log.lastIndexOf('\n', index) + 1);
  return Date.parse(line.slice(0, 'yyyy-mm-dd hh:mm:ss.sss'.length).replace(' ', 'T'));
}

/** Whether the last start ended in the NullPointerException of ActiveMQ's own ZooKeeper tracker. */
export function diedOfTracker(log: string): boolean {
  return /NullPointerException[^]{0,2000}org\.linkedin\.zookeeper\.tracker/.test(lastStart(log));
}

/** A bridge begins; ends; or is refused, because the one there was before still stands: a second one, after multicast had lost sight of a broker. */
const BRIDGE_NEWS =
  /\((\S+)\) has been established|bridge to (\S+) stopped|due to Broker: \S+ - Client: network_(\S+)_inbound_\S+ already connected/g;

/** Names of the brokers a node has a bridge to. */
export function bridgesOf(log: string): string[] {
  const bridges = new Set<string>();
  const refused = new Set<string>();
  for (const [, established, stopped, second] of lastStart(log).matchAll(BRIDGE_NEWS)) {
    if (established !== undefined) {
      bridges.add(established);
    } else if (second !== undefined) {
      refused.add(second);
    } else if (stopped !== undefined && !refused.delete(stopped)) {
      bridges.delete(stopped);
    }
  }
  return [...bridges].toSorted();
}

/** The last lines of the last start, for an error message; without stack frames, which would push the reason out. */
export function tailOf(log: string, lines = 15): string {
  return lastStart(log)
    .trimEnd()
    .split('\n')
    .filter((line) => !/^\s+(at |\.\.\. \d+ more)/.test(line))
    .slice(-lines)
    .join('\n');
}

function lastStart(log: string): string {
  return log.slice(Math.max(0, log.lastIndexOf(START_LINE)));
}
