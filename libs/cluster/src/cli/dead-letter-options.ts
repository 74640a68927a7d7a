import type { ParseArgsConfig } from 'node:util';
import type { DeadLetterPolicy } from '../config/dead-letter-policy.js';
import { UsageError } from './usage-error.js';

const KINDS = ['shared', 'individual', 'discarding'] as const;

/** Options of the command line, the policy's names they stand for, what they take, and the one kind that has them. */
const OPTIONS: Readonly<Record<string, readonly [keyof DeadLetterPolicy, 'text' | 'flag' | 'ms', (typeof KINDS)[number]?]>> = {
  'dead-letter-queue': ['deadLetterQueue', 'text', 'shared'],
  'queue-prefix': ['queuePrefix', 'text', 'individual'],
  'queue-suffix': ['queueSuffix', 'text', 'individual'],
  'topic-prefix': ['topicPrefix', 'text', 'individual'],
  'topic-suffix': ['topicSuffix', 'text', 'individual'],
  'use-queue-for-queue-messages': ['useQueueForQueueMessages', 'flag', 'individual'],
  'use-queue-for-topic-messages': ['useQueueForTopicMessages', 'flag', 'individual'],
  'destination-per-durable-subscriber': ['destinationPerDurableSubscriber', 'flag', 'individual'],
  'process-expired': ['processExpired', 'flag'],
  'process-non-persistent': ['processNonPersistent', 'flag'],
  expiration: ['expiration', 'ms'],
  'enable-audit': ['enableAudit', 'flag'],
};

/** What `parseArgs` has to know of them. */
export const DEAD_LETTER_OPTIONS: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
  ['dead-letter', ...Object.keys(OPTIONS)].map((name) => [name, { type: 'string' as const }]),
);

/** Their lines in the usage text. */
export const DEAD_LETTER_USAGE = `     [--dead-letter shared|individual|discarding]   what the brokers do with dead letters:
       [--dead-letter-queue ActiveMQ.DLQ]  shared: the queue of all
       [--queue-prefix ActiveMQ.DLQ.Queue.] [--queue-suffix s] [--topic-prefix p] [--topic-suffix s]
       [--use-queue-for-queue-messages false] [--use-queue-for-topic-messages false]
       [--destination-per-durable-subscriber true]   individual: names, and what they are
       [--process-expired false] [--process-non-persistent true] [--expiration ms] [--enable-audit false]`;

/** The policy that the options ask for; `undefined` without any. Throws a UsageError that names the option and what it may be. */
export function deadLetterPolicy(values: Readonly<Record<string, unknown>>): DeadLetterPolicy | undefined {
  const given = Object.entries(OPTIONS).flatMap(([option, meaning]) => {
    const value = values[option];
    return typeof value === 'string' ? [{ option, meaning, value }] : [];
  });
  const kind = values['dead-letter'];
  if (kind === undefined) {
    const [first] = given;
    if (first) {
      throw new UsageError(`--${first.option} says how the brokers keep dead letters; it needs --dead-letter ${KINDS.join('|')}`);
    }
    return undefined;
  }
  const known = KINDS.find((name) => name === kind);
  if (!known) {
    throw new UsageError(`--dead-letter '${typeof kind === 'string' ? kind : ''}': it takes ${KINDS.join(', ')}`);
  }
  const attributes = given.map(({ option, meaning: [name, type, only], value }) => {
    if (only && only !== known) {
      throw new UsageError(`--${option} is of --dead-letter ${only}, not of ${known}`);
    }
    return [name, read(option, type, value)];
  });
  return { kind: known, ...(Object.fromEntries(attributes) as Omit<DeadLetterPolicy, 'kind'>) };
}

function read(option: string, type: 'text' | 'flag' | 'ms', value: string): string | boolean | number {
  if (type === 'text') {
    return value;
  }
  if (type === 'flag' && (value === 'true' || value === 'false')) {
    return value === 'true';
  }
  if (type === 'ms' && /^\d{1,12}$/.test(value)) {
    return Number(value);
  }
  throw new UsageError(`--${option} '${value}': it takes ${type === 'flag' ? 'true or false' : 'a whole number of milliseconds'}`);
}
