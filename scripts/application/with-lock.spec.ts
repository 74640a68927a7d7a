import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { withLock } from './with-lock.js';

describe('withLock', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'with-lock-'));
    path = join(folder, 'made', 'a.lock');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lets one work after the other', async () => {
    let working = 0;
    const seen: number[] = [];
    const work = async () => {
      seen.push(++working);
      await new Promise((resolve) => setImmediate(resolve));
      working--;
    };
    await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)]);
    expect(seen).toEqual([1, 1, 1]);
    expect(existsSync(path)).toBe(false);
  });

  it('is free again after work that failed', async () => {
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(withLock(path, async () => 'yes')).resolves.toBe('yes');
  });

  it('takes the lock of a process that is gone', async () => {
    await withLock(path, async () => undefined);
    const { pid } = spawnSync(process.execPath, ['--version']);
    await writeFile(path, String(pid));
    await expect(withLock(path, async () => 'yes')).resolves.toBe('yes');
  });
});
