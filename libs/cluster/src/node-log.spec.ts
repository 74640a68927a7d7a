import { appendFileSync, rmSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followLog } from './cli/follow-log.js';
import { readLog, saysSlave, startLine, tailOf } from './node-log.js';

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
    expect(saysSlave(startLine(new Date()) + SLAVE)).toBe(true);
    expect(saysSlave(startLine(new Date()) + SLAVE + startLine(new Date()) + 'INFO starting\n')).toBe(false);
    expect(saysSlave('')).toBe(false);
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
