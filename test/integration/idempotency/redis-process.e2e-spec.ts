import { fork } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { connect } from 'node:net';

import { expect, it } from 'vitest';

/** Whether somebody listens on the port. */
async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await once(socket, 'connect').then(
      () => true,
      () => false,
    );
  } finally {
    socket.destroy();
  }
}

it('Redis and its folder go with the process that started it, also when that is killed', async () => {
  const file = new URL('./redis-parent.process.ts', import.meta.url);
  const parent = fork(file, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [{ port, folder }] = (await once(parent, 'message')) as [{ port: number; folder: string }];
  expect(await listens(port)).toBe(true);
  await access(folder);
  parent.kill('SIGKILL');
  await expect.poll(async () => listens(port), { timeout: 10_000, interval: 20 }).toBe(false);
  await expect
    .poll(
      async () =>
        access(folder).then(
          () => 'there',
          (error: NodeJS.ErrnoException) => error.code,
        ),
      { timeout: 10_000 },
    )
    .toBe('ENOENT');
});
