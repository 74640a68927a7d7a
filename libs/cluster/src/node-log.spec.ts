import { appendFileSync, rmSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followLog } from './cli/follow-log.js';
import { bridgesOf, diedOfTracker, readLog, startLine, tailOf, waitingOf } from './node-log.js';

const SLAVE = 'INFO Database /d/lock is locked by another server. This broker is now in slave mode waiting a lock to be acquired\n';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'node-log-spec-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('a node log', () => {
  it('tells a slave, and forgets what an earlier start said', () => {
    expect(waitingOf(startLine(new Date()) + SLAVE)).toEqual({ slave: true, waitsFor: 'the lock of the store' });
    expect(waitingOf(startLine(new Date()) + SLAVE + startLine(new Date()) + 'INFO starting\n')).toEqual({ slave: false });
    expect(waitingOf('')).toEqual({ slave: false });
  });

  it.each([
    ['tried just now', 'INFO broker2 attempting to acquire exclusive lease to become the master', 500, false, undefined],
    ['tried in vain', 'INFO broker2 attempting to acquire exclusive lease to become the master', 1_500, true, 'the lock in the database'],
    [
      'waits where the master made a row',
      'WARNING Failed: relation "activemq_lock" already exists',
      1_500,
      true,
      'the lock in the database',
    ],
    ['lost its database', 'INFO waiting for broker persistence adapter checkpoint to succeed', 0, false, 'the database'],
    ['has it', 'INFO broker2, becoming master with lease expiry Sat', 9_999, false, undefined],
  ])('tells what a broker on a database waits for that %s', (_, line, ago, slave, waitsFor) => {
    const before =
      '2026-01-02 03:04:05.000 INFO A attempting to acquire exclusive lease to become the master [x]\n' +
      '2026-01-02 03:04:05.100 INFO A, becoming master with lease expiry [x]\n';
    const log = `${startLine(new Date())}${before}2026-01-02 03:04:06.700 ${line} [org.X]\n`;
    expect(waitingOf(log, Date.parse('2026-01-02T03:04:06.700') + ago)).toEqual({ slave, waitsFor });
  });

  it('counts the waiting of a broker that asks in two places from the first', () => {
    const asked =
      '2026-01-02 03:04:05.000 WARNING Failed: relation "activemq_lock" already exists\n' +
      '2026-01-02 03:04:06.500 INFO B attempting to acquire exclusive lease to become the master\n';
    const now = Date.parse('2026-01-02T03:04:06.600');
    expect(waitingOf(startLine(new Date()) + asked, now)).toEqual({ slave: true, waitsFor: 'the lock in the database' });
  });

  it('tells a death by chance from others', () => {
    const died = 'Caused by: java.lang.NullPointerException\n\tat org.linkedin.zookeeper.tracker.ZooKeeperTreeTracker.x(Y.java:1)\n';
    expect(diedOfTracker(startLine(new Date()) + died)).toBe(true);
    expect(diedOfTracker(startLine(new Date()) + died + startLine(new Date()))).toBe(false);
    expect(diedOfTracker('java.lang.NullPointerException\n\tat org.apache.X\n')).toBe(false);
  });

  it('tells a slave that was master, whatever its former self still says', () => {
    const line = (words: string): string => `2020-01-01 00:00:00.000 INFO ${words}\n`;
    const tries = line('broker1 attempting to acquire exclusive lease to become the master');
    const checks = line('waiting for broker persistence adapter checkpoint to succeed before restarting transports');
    const started = line('Apache ActiveMQ 5.17.2 (shared, ID:x) started');
    const was = startLine(new Date()) + tries + started + checks;
    expect(waitingOf(was)).toEqual({ slave: false, waitsFor: 'the database' });
    expect(waitingOf(was + tries + checks)).toEqual({ slave: true, waitsFor: 'the lock in the database' });
    expect(waitingOf(was + tries + checks + started)).toEqual({ slave: false });
  });

  it('tells which bridges stand', () => {
    const up = (peer: string): string =>
      `INFO Network connection between vm://broker1#0 and tcp:///127.0.0.1:1@2 (${peer}) has been established.\n`;
    expect(bridgesOf(startLine(new Date()) + up('broker3') + up('broker2'))).toEqual(['broker2', 'broker3']);
    expect(bridgesOf(`${startLine(new Date())}${up('broker2')}INFO broker1 bridge to broker2 stopped\n`)).toEqual([]);
    expect(bridgesOf(up('broker2') + startLine(new Date()))).toEqual([]);
    const second =
      'WARNING Failed to add Connection id=x due to Broker: broker1 - Client: network_broker2_inbound_broker1 already connected from vm://broker1#8\n';
    const stopped = 'INFO broker1 bridge to broker2 stopped\n';
    expect(bridgesOf(startLine(new Date()) + up('broker2') + second + stopped + second + stopped)).toEqual(['broker2']);
    expect(bridgesOf(startLine(new Date()) + up('broker2') + second + stopped + stopped)).toEqual([]);
  });

  it('ends with the last lines of the last start', () => {
    const log = `${startLine(new Date(0))}old\n${startLine(new Date(1))}a\nb\n\tat java.lang.X\n\t... 12 more\nc\n`;
    expect(tailOf(log, 2)).toBe('b\nc');
    expect(tailOf(log)).not.toContain('old');
  });

  it('is empty when there is none, and only its end is read when it is long', async () => {
    const path = join(folder, 'a.log');
    await expect(readLog(path)).resolves.toBe('');
    await appendFile(path, `first\n${'x'.repeat(1024 * 1024)}last`);
    const log = await readLog(path);
    expect(log).toHaveLength(1024 * 1024);
    expect(log.endsWith('last')).toBe(true);
  });

  it('is followed until it is removed, characters that arrive in halves included', async () => {
    const path = join(folder, 'b.log');
    await appendFile(path, 'old\n');
    let seen = '';
    await followLog(path, (text) => {
      seen += text;
      if (seen === 'old\n') {
        appendFileSync(path, Buffer.from('ü!').subarray(0, 1));
        setImmediate(() => appendFileSync(path, Buffer.from('ü!').subarray(1)));
      } else if (seen.endsWith('!')) {
        rmSync(path);
      }
    });
    expect(seen).toBe('old\nü!');
  });
});
