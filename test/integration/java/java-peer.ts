import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { BrokerDistribution } from 'activemq-cluster';

const run = promisify(execFile);

/** A Java peer that speaks OpenWire: the producer and consumer commands of the ActiveMQ console, on the client jar that comes with the broker. */
export class JavaPeer {
  constructor(
    private readonly distribution: BrokerDistribution,
    private readonly openwireUrl: string,
  ) {}

  /** Sends one persistent `TextMessage`. */
  async sendText(destination: string, text: string): Promise<void> {
    await this.console('producer', '--destination', destination, '--messageCount', '1', '--persistent', 'true', '--message', text);
  }

  /** Receives `count` messages and returns what the console printed of them. */
  async receive(destination: string, count: number): Promise<string> {
    return this.console('consumer', '--destination', destination, '--messageCount', String(count));
  }

  private async console(command: string, ...options: string[]): Promise<string> {
    const main = 'org.apache.activemq.console.Main';
    const args = ['-Xmx128m', '-cp', this.distribution.classPath, main, command, '--brokerUrl', this.openwireUrl, ...options];
    const { stdout, stderr } = await run(this.distribution.java, args, { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 });
    return `${stdout}\n${stderr}`;
  }
}
