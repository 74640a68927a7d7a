import { describe, expect, it } from 'vitest';

import { redisFailure } from './redis-failure.js';

const failureOf = (message: string) => redisFailure('claim', 'amq:idem', new Error(message));

describe('redisFailure', () => {
  it.each([
    ['LOADING Redis is loading the dataset in memory', 'outage'],
    ["READONLY You can't write against a read only replica.", 'outage'],
    ['MASTERDOWN Link with MASTER is down', 'outage'],
    ['CLUSTERDOWN The cluster is down', 'outage'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'outage'],
    ['Socket closed unexpectedly', 'outage'],
    ['connect ECONNREFUSED 127.0.0.1:6379', 'outage'],
    ['ERR max number of clients reached', 'outage'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'full'],
    ['NOAUTH Authentication required.', 'refused'],
    ["NOPERM this user has no permissions to run the 'evalsha' command", 'refused'],
    ["ERR The user executing the script can't run this command or subcommand script: f4d2, on @user_script:20.", 'refused'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'refused'],
    ["CROSSSLOT Keys in request don't hash to the same slot", 'refused'],
    ['MOVED 3999 127.0.0.1:6381', 'refused'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'foreign-data'],
    // As Redis 6.2 wraps what a command in a script failed with.
    ['ERR Error running script (call to f_ab): @user_script:2: -OOM command not allowed', 'full'],
    ['ERR Error running script (call to f_ab): @user_script:2: WRONGTYPE Operation against a key', 'foreign-data'],
  ])('%s', (message, failure) => {
    expect(failureOf(message)).toMatchObject({
      failure,
      operation: 'claim',
      code: 'ERR_AMQ_IDEMPOTENCY_STORE',
      retryable: failure !== 'foreign-data',
    });
  });

  it('says what an operator can do', () => {
    expect(failureOf('NOPERM this user has no permissions').message).toContain('Cure: ACL SETUSER <user> ~amq:idem:* +evalsha +eval');
    expect(failureOf('MOVED 3999 127.0.0.1:6381').message).toContain('createCluster()');
    expect(failureOf('LOADING').message).not.toContain('Cure');
  });

  it('keeps what a client rejected with, and shows no more than a line of it', () => {
    const cause = new Error(`ERR ${'x'.repeat(1_000)}\nsecret`);
    const error = redisFailure('renew', 'p', cause);
    expect(error.cause).toBe(cause);
    expect(error.message.length).toBeLessThan(400);
    expect(error.message).not.toContain('secret');
    expect(redisFailure('renew', 'p', 'no error at all').message).toContain('no error at all');
  });
});
