import type { EventEmitter } from 'node:events';

/** What {@link until} waits with. */
export interface UntilOptions {
  /** Looked at after each `change`. */
  readonly changes: EventEmitter<{ change: [] }>;
  /** ms; counted from the last change when `stalls`, else from the beginning. */
  readonly timeout: number;
  readonly stalls?: boolean;
  /** Ends the wait with its reason, should it reject. */
  readonly unless?: Promise<unknown>;
}

/** Resolves true as soon as the condition holds, false when it does not within the timeout. */
export async function until(isReached: () => boolean, { changes, timeout, stalls = false, unless }: UntilOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      changes.off('change', onChange);
      settle();
    };
    const timer = setTimeout(() => finish(() => resolve(isReached())), timeout);
    const onChange = () => {
      if (stalls) timer.refresh();
      if (isReached()) finish(() => resolve(true));
    };
    changes.on('change', onChange);
    unless?.catch((error: unknown) => finish(() => reject(error)));
    onChange();
  });
}

/** Resolves when nothing has changed for `quiet` ms. */
export async function untilQuiet(changes: EventEmitter<{ change: [] }>, quiet: number): Promise<void> {
  await until(() => false, { changes, timeout: quiet, stalls: true });
}
