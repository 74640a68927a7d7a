import { describe, expect, it } from 'vitest';
import { activemqXml } from '../config/activemq-xml.js';
import { deadLetterPolicyEntries } from '../config/dead-letter-policy.js';
import { parseCliArguments, UsageError } from './arguments.js';

const up = (...options: string[]) => {
  const command = parseCliArguments(['up', 'single', ...options]);
  if (command.command !== 'up') throw new Error(`'up' was read as '${command.command}'`);
  return command.deadLetter;
};

describe('the dead-letter options of up', () => {
  it('ask for nothing unless they are given', () => {
    expect(up()).toBeUndefined();
  });

  it('name a strategy with its options', () => {
    expect(up('--dead-letter', 'shared', '--dead-letter-queue', 'orders.DLQ', '--process-non-persistent', 'true')).toEqual({
      kind: 'shared',
      deadLetterQueue: 'orders.DLQ',
      processNonPersistent: true,
    });
    expect(up('--dead-letter', 'individual', '--queue-prefix=DLQ.', '--process-expired', 'false', '--expiration', '5000')).toEqual({
      kind: 'individual',
      queuePrefix: 'DLQ.',
      processExpired: false,
      expiration: 5_000,
    });
  });

  it.each([
    [['--dead-letter', 'lost'], /'lost': it takes shared, individual, discarding/],
    [['--queue-prefix', 'DLQ.'], /--queue-prefix .* needs --dead-letter/],
    [['--dead-letter', 'shared', '--queue-prefix', 'DLQ.'], /--queue-prefix is of --dead-letter individual, not of shared/],
    [['--dead-letter', 'shared', '--process-expired', 'no'], /--process-expired 'no': it takes true or false/],
    [['--dead-letter', 'shared', '--expiration', 'soon'], /--expiration 'soon': it takes a whole number of milliseconds/],
  ])('refuse %j', (options, message) => {
    expect(() => up(...options)).toThrow(UsageError);
    expect(() => up(...options)).toThrow(message);
  });
});

it('a policy is in force for all queues and topics', () => {
  const node = { brokerName: 'b', nodeName: 'b', ports: { stomp: 1, openwire: 2 }, dataDirectory: '/d', temporaryDirectory: '/t' };
  const xml = activemqXml(node, {
    policyEntries: deadLetterPolicyEntries({ kind: 'individual', queuePrefix: 'DLQ.', processExpired: false }),
  });
  expect(xml).toMatch(
    /<policyEntry queue="&gt;">\s*<deadLetterStrategy>\s*<individualDeadLetterStrategy queuePrefix="DLQ." processExpired="false"\/>/,
  );
  expect(xml).toMatch(/<policyEntry topic="&gt;">\s*<deadLetterStrategy>\s*<individualDeadLetterStrategy/);
});
