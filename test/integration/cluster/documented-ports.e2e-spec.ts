import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const FIXTURE = fileURLToPath(new URL('./documented-ports.fixture.ts', import.meta.url));

it('starts the three brokers of the tutorials on the ports of the tutorials, once', async () => {
  // In a network of its own: whoever else uses these ports on this machine is not disturbed, and does not disturb.
  const script = 'ip link set lo up && exec "$@"';
  const args = ['--net', 'sh', '-c', script, 'sh', process.execPath, '--import', 'tsx', FIXTURE];
  const { stdout } = await promisify(execFile)('unshare', args);
  expect(JSON.parse(stdout)).toEqual({
    before: [
      ['broker1', 'networked', 61_616],
      ['broker2', 'master', 61_617],
      ['broker3', 'slave', 61_618],
    ],
    after: [
      ['broker1', 'networked', 61_616],
      ['broker2', 'stopped', 61_617],
      ['broker3', 'master', 61_618],
    ],
    second: expect.stringMatching(/^port 61613, 61616 on 127\.0\.0\.1 is taken/) as string,
  });
});
