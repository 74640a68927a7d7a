import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { systemEnvironment } from '../../libs/cluster/src/provision/environment.js';
import { provisionPostgresql } from '../../libs/cluster/src/provision/postgresql.js';
import { createDatabase, databaseCommand } from '../../libs/cluster/src/service/database.js';
import { probePostgres } from '../../libs/cluster/src/service/postgres-probe.js';
import { freePort } from './redis-server.js';

/** Runs a program as long as this process holds the other end of its pipe, however this process ends. */
const KEEPER = String.raw`
exec 3<&0
"$@" </dev/null 3<&- & pid=$!
{ while read -r line <&3; do :; done; kill -INT "$pid" 2>/dev/null; } & reader=$!
wait "$pid"
kill "$reader" 2>/dev/null
`;

/** How long PostgreSQL may take to answer, in ms. */
const START_TIMEOUT = 60_000;

/** A PostgreSQL server on 127.0.0.1, with the database `postgres` of the user `postgres`. */
export class PostgresServer {
  private constructor(
    readonly port: number,
    readonly password: string,
    private readonly end: () => Promise<void>,
  ) {}

  /** Installs it as the cluster tool does, and starts one; resolves when it answers. */
  static async start(): Promise<PostgresServer> {
    const programs = await provisionPostgresql(systemEnvironment());
    const folder = await mkdtemp(path.join('/tmp', 'postgres-test-'));
    await mkdir(path.join(folder, 'data'));
    const description = { kind: 'database', name: 'database', ports: { postgresql: await freePort() }, ...programs } as const;
    const password = await createDatabase(folder, description);
    const command = databaseCommand({ folder, marker: 'postgres-test' } as Parameters<typeof databaseCommand>[0], description);
    const keeper = spawn('sh', ['-c', KEEPER, 'postgres-keeper', command.program, ...command.arguments], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    keeper.stdin.on('error', () => undefined);
    const exited = once(keeper, 'exit');
    const server = new PostgresServer(description.ports.postgresql, password, async () => {
      keeper.stdin.end();
      await exited;
      await rm(folder, { recursive: true, force: true });
    });
    for (
      const deadline = performance.now() + START_TIMEOUT;
      !(await probePostgres({ host: '127.0.0.1', port: server.port }));
      await delay(100)
    ) {
      if (performance.now() < deadline) continue;
      await server.stop();
      throw new Error(`PostgreSQL did not answer within ${START_TIMEOUT} ms`);
    }
    return server;
  }

  /** Ends it; resolves when it is gone, and its files with it. */
  async stop(): Promise<void> {
    await this.end();
  }
}
