import { Injectable } from '@nestjs/common';

/** ms that a DISCONNECT gets even when handlers have used up the time. */
const LEAST = 500;

/** One deadline for the whole shutdown of an application: draining listeners and flushing sends share `shutdownTimeout`. */
@Injectable()
export class ShutdownDeadline {
  #beganAt: number | undefined;

  /** ms of `timeout` that are left, counted from the first call; never less than half a second. */
  left(timeout: number): number {
    this.#beganAt ??= performance.now();
    return Math.max(LEAST, Math.ceil(timeout - (performance.now() - this.#beganAt)));
  }
}
