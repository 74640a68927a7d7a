import { createWriteStream, type WriteStream } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

import type { LoggerService } from '@nestjs/common';
import type { Cluster } from 'activemq-cluster';

/** Keeps what one certified topology logs: a folder for each cluster, and a file for the application. */
export class KeptLogs {
  /** For the application. */
  readonly logger: LoggerService;
  readonly #file: WriteStream;
  #clusters = 0;

  private constructor(private readonly folder: string) {
    this.#file = createWriteStream(join(folder, 'application.log'));
    const write =
      (level: string) =>
      (message: unknown, ...rest: readonly unknown[]) =>
        void this.#file.write(
          `${new Date().toISOString()} ${level} ${[message, ...rest.filter((part) => part !== undefined)].map(String).join(' ')}\n`,
        );
    this.logger = { log: write('log'), warn: write('warn'), error: write('error'), debug: write('debug') };
  }

  /** Makes the folder, and the application's file in it. */
  static async in(folder: string): Promise<KeptLogs> {
    await mkdir(folder, { recursive: true });
    return new KeptLogs(folder);
  }

  /** A line of the script's own, so that the times can be compared. */
  note(line: string): void {
    this.logger.log(`==== ${line}`);
  }

  /** Copies the logs and configurations of all nodes, into a folder of their own for each cluster. */
  async copyFrom(cluster: Cluster): Promise<void> {
    const folder = join(this.folder, `cluster${++this.#clusters}`);
    await mkdir(folder, { recursive: true });
    for (const { name, paths } of [...cluster.nodes, ...cluster.services]) await copyFile(paths.log, join(folder, `${name}.log`));
    for (const { name, paths } of cluster.nodes) await copyFile(paths.configuration, join(folder, `${name}.xml`));
  }

  /** Resolves once the application's log is written. */
  async close(): Promise<void> {
    this.#file.end();
    await finished(this.#file);
  }
}
