import { readFile } from 'node:fs/promises';

/** What Linux calls LISTEN. */
const LISTEN = '0A';

/** Whether something listens on a TCP port in the network namespace of a process: seen from inside, also when nobody can connect. */
export async function listensWhere(pid: number, port: number): Promise<boolean> {
  const tables = await Promise.all(['tcp', 'tcp6'].map(async (name) => readTable(`/proc/${pid}/net/${name}`)));
  return tables.some((table) => hasListener(table, port));
}

/** Whether a table as in `/proc/net/tcp` has a listener on the port. */
export function hasListener(table: string, port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').some((line) => {
    const [, address = '', , state] = line.trim().split(/\s+/);
    return address.endsWith(local) && state === LISTEN;
  });
}

async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // The process is gone, or there is no IPv6.
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH', 'EINVAL'].includes(String(error.code))) {
      return '';
    }
    throw error;
  }
}
