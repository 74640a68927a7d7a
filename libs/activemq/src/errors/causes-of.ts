/** Causes may lead in a circle, and an error is whatever somebody has thrown. */
const MOST_CAUSES = 20;

/** An error and its causes, from the outermost to the innermost; those after the first 20, or behind something that cannot be read, are left out. */
export function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  try {
    for (let cause = error; cause instanceof Error && causes.length < MOST_CAUSES; cause = cause.cause) causes.push(cause);
  } catch {
    // Such as a revoked proxy: what was read before it counts.
  }
  return causes;
}
