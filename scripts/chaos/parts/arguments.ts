import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The command line makes no sense; the message says what is wrong with it. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/**
 * Reads `--option value` pairs.
 *
 * @throws ArgumentError for an unknown option, or a missing value
 */
export function readOptions<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ args: string[]; options: Options }>>['values'] {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new ArgumentError((error as Error).message, { cause: error });
  }
}

/** Reads a whole number from `least`, of at most nine digits. */
export function wholeNumber(option: string, value: string, least = 1): number {
  if (/^\d{1,9}$/.test(value) && Number(value) >= least) return Number(value);
  throw new ArgumentError(`${option} is ${JSON.stringify(value)}; it must be a whole number from ${least}`);
}

/** Reads one of the choices; all of them when nothing is given. */
export function choose<T extends string>(option: string, value: string | undefined, choices: readonly T[]): readonly T[] {
  if (value === undefined) return choices;
  const choice = choices.find((name) => name === value);
  if (!choice) throw new ArgumentError(`${option} is ${JSON.stringify(value)}; it must be ${choices.join(', ')}`);
  return [choice];
}
