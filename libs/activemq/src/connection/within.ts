/**
 * Waits for work, but no longer than so many ms; the work goes on.
 *
 * @returns whether it was done in time
 * @throws what the work throws
 */
export async function within(timeout: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), timeout)));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
