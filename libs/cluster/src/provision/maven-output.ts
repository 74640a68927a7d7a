/** The first complaint in Maven's output, without its preamble, 300 characters at most. */
export function firstError(output: string): string {
  const line = output.split('\n').find((text) => text.includes('[ERROR]')) ?? 'Maven gave no reason';
  return line
    .replace(/^.*?\[ERROR\]\s*(Failed to execute goal (\S+ \(\S+\) )?on project [^\s:]+: )?/, '')
    .replace(/^Could not resolve dependencies for project \S+: /, '')
    .slice(0, 300);
}
