import { IdempotencyStoreError, type IdempotencyStoreFailure, type IdempotencyStoreOperation } from '../idempotency/index.js';

const FAILURES: Readonly<Record<string, IdempotencyStoreFailure>> = {
  WRONGTYPE: 'foreign-data',
  OOM: 'full',
  NOAUTH: 'refused',
  NOPERM: 'refused',
  WRONGPASS: 'refused',
  CROSSSLOT: 'refused',
  MOVED: 'refused',
};

const CURES: Readonly<Record<string, string>> = {
  WRONGTYPE: 'give the store a `keyPrefix` that nobody else writes under',
  OOM: 'raise `maxmemory`, or shorten `completedTtlMs`',
  NOAUTH: 'give the client a user name and a password',
  WRONGPASS: 'check the user name and the password of the client',
  MOVED: 'this Redis is a cluster: use createCluster() of node-redis or Cluster of ioredis',
};

/** Every command the scripts use, as `ACL SETUSER` takes them. */
const PERMISSIONS = '+evalsha +eval +hmget +hset +hdel +pexpire +pttl +exists +del +ping +info +cluster|info';

/** Turns what a client rejected with into the store's error; what is not known counts as an outage, so that nothing is given up for it. */
export function redisFailure(operation: IdempotencyStoreOperation, keyPrefix: string, cause: unknown): IdempotencyStoreError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = replyCode(text);
  const failure = (code === undefined ? undefined : FAILURES[code]) ?? 'outage';
  const cure = code === 'NOPERM' ? `ACL SETUSER <user> ~${keyPrefix}:* ${PERMISSIONS}` : code === undefined ? undefined : CURES[code];
  const message = `Redis idempotency store: ${operation} failed (${failure}): ${firstLine(text)}`;
  return new IdempotencyStoreError(cure === undefined ? message : `${message}. Cure: ${cure}`, operation, failure, { cause });
}

/** The error code of a reply. Redis before 7 wraps the one of a command in a script: `ERR Error running script (...): @user_script:2: -OOM ...`. */
function replyCode(text: string): string | undefined {
  // Redis 7.0 answers with ERR when a script may not run a command.
  if (/user executing the script can't/i.test(text)) return 'NOPERM';
  const code = /^-?([A-Z]{2,})\b/.exec(text)?.[1];
  if (code !== 'ERR') return code;
  return Object.keys(FAILURES).find((known) => text.includes(`@user_script`) && new RegExp(`[ -]${known} `).test(text)) ?? code;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.slice(0, 300) ?? '';
}
