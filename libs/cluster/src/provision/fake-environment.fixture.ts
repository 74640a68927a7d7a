import type { CommandResult, ProvisionEnvironment } from './environment.js';

/** A machine made of a list of files and of programs that answer. */
export interface FakeMachine {
  readonly variables?: Readonly<Record<string, string>>;
  readonly isRoot?: boolean;
  /** Paths of files, with their content. */
  readonly files?: Readonly<Record<string, string>>;
  /** Runs a program on the machine's files; undefined means there is no such program. */
  readonly program?: (name: string, args: readonly string[], files: Map<string, string>) => Partial<CommandResult> | undefined;
}

/** The machine as an environment, with the commands that were run in it. */
export function fakeEnvironment(
  machine: FakeMachine,
): ProvisionEnvironment & { readonly commands: string[]; readonly files: Map<string, string> } {
  const files = new Map(Object.entries(machine.files ?? {}));
  const commands: string[] = [];
  return {
    commands,
    files,
    variables: machine.variables ?? {},
    isRoot: machine.isRoot ?? false,
    cacheFolder: '/cache',
    progress: () => undefined,
    exists: async (path) => files.has(path),
    list: async (folder) => [...files.keys()].filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1)),
    readText: async (path) => files.get(path) ?? '',
    writeText: async (path, text) => void files.set(path, text),
    digest: async (path, algorithm) => files.get(`${path}!${algorithm}`) ?? '',
    run: async (name, args) => {
      commands.push([name, ...args].join(' '));
      const answer = machine.program?.(name, args, files);
      return answer ? { code: 0, stdout: '', stderr: '', ...answer } : { code: 127, stdout: '', stderr: '' };
    },
    makeWorkFolder: async () => '/cache/work',
    adopt: async (from, to) => {
      for (const [path, content] of files) {
        if (path.startsWith(`${from}/`)) {
          files.delete(path);
          files.set(to + path.slice(from.length), content);
        }
      }
    },
    remove: async (path) => {
      for (const name of files.keys()) {
        if (name.startsWith(`${path}/`)) {
          files.delete(name);
        }
      }
    },
  };
}
