import { describe, expect, it } from 'vitest';

import { CERTIFIED, parseCertifyArguments, UsageError } from './arguments.js';

describe('the command line of certify', () => {
  it('takes all topologies when none is named', () => {
    expect(parseCertifyArguments(['--json'])).toMatchObject({ topologies: CERTIFIED, json: true, help: false });
  });

  it('takes every option', () => {
    const line = 'jdbc --locker database --nodes 3 --version 5.18.3 --faults kill-master,stop-database --rate 50 --logs /tmp/x --json';
    expect(parseCertifyArguments(line.split(' '))).toEqual({
      topologies: ['jdbc'],
      locker: 'database',
      nodes: 3,
      version: '5.18.3',
      faults: ['kill-master', 'stop-database'],
      rate: 50,
      logs: '/tmp/x',
      json: true,
      help: false,
    });
  });

  it.each([
    [['mesh'], /there is no topology 'mesh'; 'certify' takes single, shared-file, jdbc/],
    [['jdbc', 'single'], /one topology, not 'single' too/],
    [['shared-file', '--locker', 'lease'], /only 'certify jdbc' takes it/],
    [['jdbc', '--locker', 'file'], /--locker 'file'/],
    [['--faults', 'kill-master'], /--faults needs a topology/],
    [['--version', '5.18.3'], /--version needs a topology/],
    [['--nodes', '3'], /--nodes needs a topology/],
    [['jdbc', '--nodes', '6'], /--nodes is "6"/],
    [['jdbc', '--rate', '0'], /--rate is "0"/],
    [['--loud'], /Unknown option '--loud'/],
  ])('refuses %j', (words, problem) => {
    expect(() => parseCertifyArguments(words)).toThrow(problem);
    expect(() => parseCertifyArguments(words)).toThrow(UsageError);
  });
});
