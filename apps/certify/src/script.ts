import { USAGE, UsageError } from './arguments.js';
import { runCertify } from './run-certify.js';
import { runShare, SHARE_USAGE } from './run-share.js';

/** Where a script writes: results to `out`, what it does meanwhile and what went wrong to `err`. */
export interface ScriptOutput {
  out(line: string): void;
  err(line: string): void;
}

/** Runs `certify` or `share`, the first word. Resolves with the exit code: 0 every promise was kept, 1 not, 2 the command line makes no sense. */
export async function runScript([command, ...words]: readonly string[], output: ScriptOutput): Promise<number> {
  try {
    return command === 'share' ? await runShare(words, output) : await runCertify(words, output);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    output.err(isUsage ? `${error.message}\n\n${command === 'share' ? SHARE_USAGE : USAGE}` : describe(error));
    return isUsage ? 2 : 1;
  }
}

/** What the user can do something about is said in one line, everything else in full. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? error.message : (error.stack ?? error.message);
}
