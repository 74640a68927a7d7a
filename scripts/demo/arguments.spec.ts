import { describe, expect, it } from 'vitest';

import { parseDemoArguments, UsageError } from './arguments.js';

describe('the command line of the demo', () => {
  it('has defaults: the five messages of the tutorials on embedded brokers', () => {
    expect(parseDemoArguments([])).toEqual({
      broker: 'vm',
      messages: 5,
      rate: undefined,
      killMaster: false,
      killConsumer: false,
      json: false,
      help: false,
    });
  });

  it('takes every option', () => {
    const line = '--broker shared-file --messages 20000 --rate 500 --kill-master --kill-consumer --json';
    expect(parseDemoArguments(line.split(' '))).toMatchObject({
      broker: 'shared-file',
      messages: 20_000,
      rate: 500,
      killMaster: true,
      killConsumer: true,
      json: true,
    });
  });

  it.each(['single', 'shared-file', 'jdbc', 'network-static', 'network-multicast', 'combined', 'replicated-leveldb'])(
    'takes the topology %s, and kills in it',
    (topology) => {
      expect(parseDemoArguments(['--broker', topology, '--kill-master', '--kill-consumer']).broker).toBe(topology);
    },
  );

  it.each(['stomp://a:1', 'failover:(stomp://a:1,stomp://b:2)?randomize=false', 'stomp+nio+ssl://a:1', 'vm://demo'])(
    'takes the broker URL %s',
    (url) => {
      expect(parseDemoArguments(['--broker', url]).broker).toEqual({ url });
    },
  );

  it.each([
    [['--colour'], /Unknown option '--colour'/],
    [['--broker', 'vm', '--kill-consumer'], /--kill-consumer needs a broker that both processes reach/],
    [['five'], /Unexpected argument 'five'/],
    [['--messages'], /--messages/],
    [['--messages', '0'], /--messages is "0"; it must be a whole number from 1 to 1000000/],
    [['--messages=-5'], /--messages is "-5"/],
    [['--messages', '1000001'], /--messages is "1000001"/],
    [['--messages', '1e3'], /--messages is "1e3"/],
    [['--rate', '0.5'], /--rate is "0.5"/],
    [['--rate', 'fast'], /--rate is "fast"/],
    [['--broker', 'cluster'], /--broker must be vm, single, shared-file, jdbc, .* or a broker URL/],
    [['--json=yes'], /--json/],
    [['--broker', 'stomp://a:1', '--kill-master'], /kills only brokers that the demo has started/],
  ])('refuses %j', (words, problem) => {
    expect(() => parseDemoArguments(words)).toThrow(problem);
    expect(() => parseDemoArguments(words)).toThrow(UsageError);
  });

  it('does not repeat what may hold a password', () => {
    expect(() => parseDemoArguments(['--broker', '//user:secret@a'])).toThrow(/^(?!.*secret).*--broker must be/);
  });
});
