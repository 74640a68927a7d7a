// Taken before a test runner can put fake timers in its place.
const { setImmediate: realSetImmediate } = globalThis;

/** What crosses this process takes a few turns of the event loop; what has not come after so many never does. */
const TURNS = 50;

/** Calls back in the next turn of the event loop, also while timers are faked. */
function inNextTurn(callback: () => void): void {
  realSetImmediate(callback);
}

/** Resolves when `isDone`, or when that is not to be expected any more. */
export async function withinSomeTurns(isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < TURNS && !isDone(); turn++) await new Promise<void>((resolve) => inNextTurn(resolve));
}
