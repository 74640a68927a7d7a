import { createHash } from 'node:crypto';

/** A script for Redis and the name under which Redis keeps it. */
export interface RedisScript {
  readonly source: string;
  /** SHA-1 of the source, in hex: what EVALSHA takes. */
  readonly sha1: string;
}

/*
 * A record is a hash: s = P(rocessing) | C(ompleted), t = token, f = fingerprint, n = claim count, r = result, m = ms the record outlives its lease.
 * Once completed it has no m, and n only when it was recreated: a call whose answer was lost gets the same one again.
 * The key of a record in processing lives for lease + m, so the lease ends when no more than m is left. That needs no clock but the
 * one of Redis, and keeps the claim count of an owner that died. No script touches a second key: they run on a cluster.
 */

/** ARGV: token, lease in ms, ms to outlive it, fingerprint. */
export const CLAIM = script(`
local h = redis.call('HMGET', KEYS[1], 's', 't', 'f', 'n', 'r', 'm')
if h[1] == 'C' then
  if ARGV[4] ~= '' and h[3] ~= '' and h[3] ~= ARGV[4] then return {'MISMATCH', h[3]} end
  if h[5] then return {'COMPLETED', h[5]} end
  return {'COMPLETED'}
end
local count = 1
if h[1] == 'P' then
  count = tonumber(h[4])
  if h[2] ~= ARGV[1] then
    local left = redis.call('PTTL', KEYS[1]) - tonumber(h[6])
    if left > 0 then return {'IN_PROGRESS', left} end
    count = count + 1
  end
elseif redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.error_reply('WRONGTYPE the hash at this key is no idempotency record')
end
redis.call('HSET', KEYS[1], 's', 'P', 't', ARGV[1], 'f', ARGV[4], 'n', count, 'm', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2] + ARGV[3])
return {'ACQUIRED', count}`);

/** ARGV: token, lease in ms. Answers 1 or 0. */
export const RENEW = script(`
local h = redis.call('HMGET', KEYS[1], 's', 't', 'm')
if h[1] ~= 'P' or h[2] ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2] + h[3])`);

/** ARGV: token, ttl in ms, fingerprint for a record that is gone, 1 when a result follows, the result. */
export const COMPLETE = script(`
local h = redis.call('HMGET', KEYS[1], 's', 't', 'n')
if h[1] and h[2] ~= ARGV[1] then return 'LOST' end
if h[1] == 'C' then return h[3] and 'RECREATED' or 'OK' end
if not h[1] then
  if redis.call('EXISTS', KEYS[1]) == 1 then
    return redis.error_reply('WRONGTYPE the hash at this key is no idempotency record')
  end
  redis.call('HSET', KEYS[1], 'f', ARGV[3], 'n', 0)
else
  redis.call('HDEL', KEYS[1], 'n', 'm')
end
redis.call('HSET', KEYS[1], 's', 'C', 't', ARGV[1])
if ARGV[4] == '1' then redis.call('HSET', KEYS[1], 'r', ARGV[5]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return h[1] and 'OK' or 'RECREATED'`);

/** ARGV: token. Answers 1 or 0. */
export const RELEASE = script(`
local h = redis.call('HMGET', KEYS[1], 's', 't')
if h[1] ~= 'P' or h[2] ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`);

function script(source: string): RedisScript {
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}
