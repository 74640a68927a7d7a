import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Names under which distributions install it. */
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const INSTALL_TIMEOUT = 900_000;
const CURE = 'install Chromium (Debian: apt-get install chromium) or Google Chrome, or set CHROMIUM_PATH to the program';

/** What looking for a browser sees of this machine, and does to it. */
export interface BrowserMachine {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  isProgram(path: string): Promise<boolean>;
  /** Runs a program; resolves with the end of what it complained about, `undefined` when it succeeded. */
  run(program: string, args: readonly string[]): Promise<string | undefined>;
  progress(line: string): void;
}

/**
 * The Chromium of this machine: `CHROMIUM_PATH`, else the first of the usual names on the path.
 *
 * @throws Error that says what to install
 */
export async function findChromium(machine: BrowserMachine = thisMachine()): Promise<string> {
  const given = machine.variables['CHROMIUM_PATH'];
  if (given) {
    if (await machine.isProgram(given)) return given;
    throw new Error(`CHROMIUM_PATH is ${given}, where no program is; ${CURE}`);
  }
  const found = await search(machine);
  if (found === undefined) throw new Error(`No Chromium was found; ${CURE}`);
  return found;
}

/**
 * The same, and installs it with apt-get when there is none and this is root.
 *
 * @throws Error that says what to install
 */
export async function provisionChromium(machine: BrowserMachine): Promise<string> {
  const isMissing = !machine.variables['CHROMIUM_PATH'] && (await search(machine)) === undefined;
  if (!isMissing || !machine.isRoot) return findChromium(machine);
  machine.progress('Installing the Debian package chromium with apt-get ...');
  const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', 'chromium'];
  let complaint = await machine.run('apt-get', install);
  if (complaint !== undefined) {
    // A list of packages that is too old names files that are gone.
    await machine.run('apt-get', ['update']);
    complaint = await machine.run('apt-get', install);
  }
  if (complaint !== undefined) throw new Error(`No Chromium was found, and apt-get did not install it (${complaint}); ${CURE}`);
  return findChromium(machine);
}

/** This machine. */
export function thisMachine(progress: (line: string) => void = () => undefined): BrowserMachine {
  return {
    variables: process.env,
    isRoot: process.getuid?.() === 0,
    isProgram: (path) =>
      access(path, constants.X_OK).then(
        () => true,
        () => false,
      ),
    run: (program, args) =>
      new Promise((resolve) => {
        const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
        execFile(program, args, { env, timeout: INSTALL_TIMEOUT, maxBuffer: 64 * 2 ** 20 }, (error, _stdout, stderr) =>
          resolve(error ? (stderr.trim().split('\n').at(-1) ?? error.message) : undefined),
        );
      }),
    progress,
  };
}

async function search(machine: BrowserMachine): Promise<string | undefined> {
  const folders = ['/usr/bin', ...(machine.variables['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'))];
  for (const program of PROGRAMS) {
    for (const folder of folders) {
      const path = join(folder, program);
      if (await machine.isProgram(path)) return path;
    }
  }
  return undefined;
}
