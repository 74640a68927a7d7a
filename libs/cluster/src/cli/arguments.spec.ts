import { describe, expect, it } from 'vitest';
import { parseCliArguments, UsageError } from './arguments.js';

const parse = (line: string): unknown => parseCliArguments(line === '' ? [] : line.split(' '));

describe('parseCliArguments', () => {
  it.each([
    ['up single', { command: 'up', name: 'default', topology: 'single' }],
    [
      'up shared-file --nodes 3 --version 5.18.3 --name two',
      { command: 'up', name: 'two', topology: 'shared-file', nodes: 3, version: '5.18.3' },
    ],
    ['up --nodes=2 shared-file', { command: 'up', name: 'default', topology: 'shared-file', nodes: 2 }],
    ['up jdbc --locker database', { command: 'up', name: 'default', topology: 'jdbc', locker: 'database' }],
    ['up network-static --nodes 5', { command: 'up', name: 'default', topology: 'network-static', nodes: 5 }],
    ['watch', { command: 'watch', name: 'default' }],
    ['pause database', { command: 'pause', name: 'default', node: 'database' }],
    ['up single --partitionable', { command: 'up', name: 'default', topology: 'single', partitionable: true }],
    ['up combined --ports documented', { command: 'up', name: 'default', topology: 'combined', nodes: undefined, portPlan: 'documented' }],
    ['export jdbc --dir x --nodes 3', { command: 'export', topology: 'jdbc', dir: 'x', nodes: 3 }],
    ['partition broker1', { command: 'partition', name: 'default', node: 'broker1' }],
    [
      'partition broker1 --from clients,database',
      { command: 'partition', name: 'default', node: 'broker1', from: ['clients', 'database'] },
    ],
    ['heal broker1', { command: 'heal', name: 'default', node: 'broker1' }],
    ['resume zookeeper1', { command: 'resume', name: 'default', node: 'zookeeper1' }],
    ['status', { command: 'status', name: 'default', json: false }],
    ['status --json', { command: 'status', name: 'default', json: true }],
    ['kill-master', { command: 'kill-master', name: 'default' }],
    ['kill broker1', { command: 'kill', name: 'default', node: 'broker1' }],
    ['stop broker1', { command: 'stop', name: 'default', node: 'broker1' }],
    ['start broker2 --name x', { command: 'start', name: 'x', node: 'broker2' }],
    ['logs broker1 -f', { command: 'logs', name: 'default', node: 'broker1', follow: true }],
    ['down', { command: 'down', name: 'default' }],
    ['install --version 5.18.3', { command: 'install', version: '5.18.3' }],
    ['', { command: 'help' }],
    ['up --help', { command: 'help' }],
  ])('reads "%s"', (line, expected) => {
    expect(parse(line)).toEqual(expected);
  });

  it.each([
    ['upp single', "unknown command 'upp'; the commands are up, export, status"],
    ['constructor', "unknown command 'constructor'"],
    ['up', "'up' needs a topology: single, shared-file, jdbc"],
    ['up ring', "there is no topology 'ring'; 'up' takes single, shared-file, jdbc"],
    ['up single shared-file', "'up' does not take 'shared-file'"],
    ['up shared-file --nodes 6', "--nodes '6': shared-file takes 2 to 5"],
    ['up combined --nodes 2', "--nodes '2': combined takes 3"],
    ['up jdbc --locker file', "--locker 'file': only jdbc takes it"],
    ['up single --locker lease', "--locker 'lease': only jdbc takes it"],
    ['up shared-file --nodes two', "--nodes 'two'"],
    ['up single --nodes 2', "--nodes '2': single takes 1"],
    ['up single --json', "Unknown option '--json'; its options are --name, --nodes, --version, --locker"],
    ['up combined --ports 61616', "--ports '61616': it takes free or documented"],
    ['export jdbc', "'export' needs --dir"],
    ['kill', "'kill' needs a node"],
    ['status broker1', "'status' does not take 'broker1'"],
    ['down --name', '--name'],
    ['down --name ../../x', "--name '../../x' is not a name"],
    ['install --name x', "Unknown option '--name'"],
  ])('refuses "%s" and says why', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });
});
