import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Cluster } from '../cluster.js';
import { deadLetterPolicyEntries } from '../config/dead-letter-policy.js';
import { ClusterError } from '../errors.js';
import { exportCluster } from '../export/export-cluster.js';
import { provisionBroker } from '../provision/provision.js';
import { startCluster } from '../start-cluster.js';
import { type CliCommand, parseCliArguments, USAGE, UsageError } from './arguments.js';
import { followLog } from './follow-log.js';
import { report, reportText } from './report.js';
import { loadState, removeState, saveState, stateFilePath } from './state-file.js';

/** ms between two looks. */
const WATCH_INTERVAL = 1_000;

/** Where the tool writes: answers to `out`, what it does meanwhile and what went wrong to `err`. */
export interface CliOutput {
  out(text: string): void;
  err(text: string): void;
}

/** Runs one command. Resolves with the exit code: 0 done, 1 it could not be done, 2 the command line makes no sense. */
export async function runCli(words: readonly string[], output: CliOutput): Promise<number> {
  try {
    return await execute(parseCliArguments(words), output);
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(`${error.message}\n\n${USAGE}\n`);
      return 2;
    }
    if (error instanceof ClusterError) {
      output.err(`${error.message}\n`);
      return error.code === 'BAD_OPTION' ? 2 : 1;
    }
    throw error;
  }
}

async function execute(command: CliCommand, output: CliOutput): Promise<number> {
  const progress = (line: string): void => output.err(`${line}\n`);
  switch (command.command) {
    case 'help':
      output.out(`${USAGE}\n`);
      break;
    case 'install': {
      const { version, source, home, java, classPath } = await provisionBroker({ version: command.version, progress });
      output.out(`ActiveMQ ${version} (${source})\n  home        ${home}\n  java        ${java}\n  class path  ${classPath}\n`);
      break;
    }
    case 'export': {
      const { dir, topology, nodes, version, locker } = command;
      const files = await exportCluster(dir, { topology, nodes, version, locker });
      output.out(`${[`Written into ${dir}:`, ...files].join('\n  ')}\nStart there: docker compose up --detach; see README.md.\n`);
      break;
    }
    case 'up':
      return up(command, output, progress);
    case 'status':
      return status(command, output);
    case 'watch':
      return watch(command.name, output);
    case 'down':
      return down(command.name, output);
    case 'kill-master':
    case 'kill':
    case 'stop':
    case 'pause':
    case 'resume':
    case 'start':
    case 'partition':
    case 'heal':
    case 'logs':
      output.out(await act(command, output));
  }
  return 0;
}

async function up(command: CliCommand & { command: 'up' }, output: CliOutput, progress: (line: string) => void): Promise<number> {
  const { name, topology, nodes, version, locker, deadLetter, product, partitionable, portPlan } = command;
  const path = stateFilePath(name);
  if (await find(name)) {
    throw new ClusterError(
      'WRONG_STATE',
      `cluster '${name}' is up already; npm run cluster -- down --name ${name}, or choose another --name`,
    );
  }
  await removeState(path);
  const broker = deadLetter && { policyEntries: deadLetterPolicyEntries(deadLetter) };
  const cluster = await startCluster({ topology, nodes, version, locker, product, partitionable, portPlan, broker, progress });
  try {
    await saveState(path, cluster.description);
  } catch (error) {
    await cluster.down();
    throw error;
  }
  // Not before it is written down: until here a crash leaves nothing behind.
  await cluster.letGo();
  output.out(`${reportText(await report(name, cluster))}\n`);
  return 0;
}

async function status({ name, json }: CliCommand & { command: 'status' }, output: CliOutput): Promise<number> {
  const found = await report(name, await find(name));
  output.out(`${json ? JSON.stringify(found) : reportText(found)}\n`);
  return found.up ? 0 : 1;
}

/** Ctrl-C ends it, as does the cluster's end. */
async function watch(name: string, output: CliOutput): Promise<number> {
  for (;;) {
    const found = await report(name, await find(name));
    // To the upper left corner, each line cleared to its end, nothing left below: no flicker.
    output.out(`\u001B[H${reportText(found).replaceAll('\n', '\u001B[K\n')}\u001B[K\n\u001B[J`);
    if (!found.up) {
      return 1;
    }
    await delay(WATCH_INTERVAL);
  }
}

async function down(name: string, output: CliOutput): Promise<number> {
  const path = stateFilePath(name);
  const description = await loadState(path);
  if (description) {
    await new Cluster(description).down();
    await removeState(path);
  }
  output.out(description ? `Cluster '${name}' is down, its data removed.\n` : `No cluster '${name}' is up.\n`);
  return 0;
}

type Action = Extract<
  CliCommand,
  { command: 'kill-master' | 'kill' | 'stop' | 'pause' | 'resume' | 'start' | 'partition' | 'heal' | 'logs' }
>;

/** Does something to one node; what to say about it. */
async function act(action: Action, output: CliOutput): Promise<string> {
  const cluster = await find(action.name);
  if (!cluster) {
    throw new ClusterError('NO_CLUSTER', `no cluster '${action.name}' is up; npm run cluster -- up shared-file --name ${action.name}`);
  }
  if (action.command === 'kill-master') {
    return `Killed ${(await cluster.killMaster()).name}, the master.\n`;
  }
  const node = cluster.member(action.node);
  switch (action.command) {
    case 'kill':
      await cluster.kill(node.name);
      break;
    case 'stop':
      await cluster.stop(node.name);
      break;
    case 'pause':
      await cluster.pause(node.name);
      break;
    case 'resume':
      await cluster.resume(node.name);
      break;
    case 'start':
      await cluster.start(node.name);
      break;
    case 'partition':
      await cluster.partition(node.name, { from: action.from });
      return `${node.name} is cut off from ${action.from?.join(', ') ?? 'everything'}.\n`;
    case 'heal':
      await cluster.heal(node.name);
      return `${node.name} is reachable again.\n`;
    case 'logs':
      if (action.follow) {
        await followLog(node.paths.log, (text) => output.out(text));
        return '';
      }
      return node.log();
  }
  return `${node.name} is ${node.state}.\n`;
}

/** The cluster of that name; none as well when its folder is gone, as after a restart of the machine. */
async function find(name: string): Promise<Cluster | undefined> {
  const description = await loadState(stateFilePath(name));
  return description && existsSync(description.folder) ? new Cluster(description) : undefined;
}
