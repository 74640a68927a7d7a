import { describe, expect, it } from 'vitest';

import { type BrowserMachine, findChromium, provisionChromium } from './chromium.js';

interface FakeMachine extends BrowserMachine {
  readonly ran: string[];
  readonly programs: Set<string>;
}

function fakeMachine(options: {
  programs?: readonly string[];
  variables?: BrowserMachine['variables'];
  isRoot?: boolean;
  /** What apt-get install says at each try; `undefined` installs. */
  install?: readonly (string | undefined)[];
}): FakeMachine {
  const ran: string[] = [];
  const programs = new Set(options.programs);
  const answers = [...(options.install ?? [])];
  return {
    ran,
    programs,
    variables: { PATH: '/opt/bin:relative:/usr/bin', ...options.variables },
    isRoot: options.isRoot ?? false,
    isProgram: async (path) => programs.has(path),
    run: async (program, args) => {
      ran.push(`${program} ${args[0]}`);
      if (args[0] !== 'install') return undefined;
      const answer = answers.shift();
      if (answer === undefined) programs.add('/usr/bin/chromium');
      return answer;
    },
    progress: () => undefined,
  };
}

describe('findChromium', () => {
  it('takes CHROMIUM_PATH before everything else', async () => {
    const machine = fakeMachine({ programs: ['/usr/bin/chromium', '/mine/chrome'], variables: { CHROMIUM_PATH: '/mine/chrome' } });
    await expect(findChromium(machine)).resolves.toBe('/mine/chrome');
  });

  it('says so when there is nothing at CHROMIUM_PATH, whatever else there is', async () => {
    const machine = fakeMachine({ programs: ['/usr/bin/chromium'], variables: { CHROMIUM_PATH: '/mine/chrome' } });
    await expect(findChromium(machine)).rejects.toThrow('CHROMIUM_PATH is /mine/chrome, where no program is');
  });

  it.each(['/usr/bin/chromium', '/usr/bin/google-chrome', '/opt/bin/google-chrome-stable'])('finds %s', async (path) => {
    await expect(findChromium(fakeMachine({ programs: [path] }))).resolves.toBe(path);
  });

  it('says what to install when there is none', async () => {
    await expect(findChromium(fakeMachine({}))).rejects.toThrow(/No Chromium was found; install Chromium .* or set CHROMIUM_PATH/);
  });
});

describe('provisionChromium', () => {
  it('installs nothing where there is one', async () => {
    const machine = fakeMachine({ programs: ['/usr/bin/chromium'], isRoot: true });
    await expect(provisionChromium(machine)).resolves.toBe('/usr/bin/chromium');
    expect(machine.ran).toEqual([]);
  });

  it('installs it as root', async () => {
    const machine = fakeMachine({ isRoot: true, install: [undefined] });
    await expect(provisionChromium(machine)).resolves.toBe('/usr/bin/chromium');
    expect(machine.ran).toEqual(['apt-get install']);
  });

  it('tries again with a fresh list of packages', async () => {
    const machine = fakeMachine({ isRoot: true, install: ['404 Not Found', undefined] });
    await expect(provisionChromium(machine)).resolves.toBe('/usr/bin/chromium');
    expect(machine.ran).toEqual(['apt-get install', 'apt-get update', 'apt-get install']);
  });

  it('tells why it could not be installed', async () => {
    const machine = fakeMachine({ isRoot: true, install: ['404 Not Found', 'no network'] });
    await expect(provisionChromium(machine)).rejects.toThrow('apt-get did not install it (no network); install Chromium');
  });

  it('does not try without the right to', async () => {
    const machine = fakeMachine({ isRoot: false });
    await expect(provisionChromium(machine)).rejects.toThrow('No Chromium was found');
    expect(machine.ran).toEqual([]);
  });
});
