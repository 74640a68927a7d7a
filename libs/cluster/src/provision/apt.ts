import type { ProvisionEnvironment } from './environment.js';

/** Whether packages can be installed here, or why not. */
export async function whyNoApt(environment: ProvisionEnvironment): Promise<string | undefined> {
  if ((await environment.run('apt-get', ['--version'])).code !== 0) {
    return 'there is no apt-get (not Debian or Ubuntu)';
  }
  return environment.isRoot ? undefined : 'only root can install it';
}

/** Runs `apt-get install`, with a fresh list when the old one does not do; the last line of its complaint, if any. */
export async function aptGet(environment: ProvisionEnvironment, packages: readonly string[]): Promise<string | undefined> {
  const args = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages];
  const options = { timeout: 900_000, variables: { DEBIAN_FRONTEND: 'noninteractive' } };
  let result = await environment.run('apt-get', args, options);
  if (result.code !== 0) {
    await environment.run('apt-get', ['update'], options);
    result = await environment.run('apt-get', args, options);
  }
  return result.code === 0 ? undefined : result.stderr.trim().split('\n').at(-1);
}
