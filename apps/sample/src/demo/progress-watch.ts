import type { DemoTally } from './demo-tally.js';

/** Waits for what a tally shows, and gives up when it stands still. */
export class ProgressWatch {
  /** @param stallTimeout ms without any change after which waiting fails */
  constructor(
    private readonly tally: DemoTally,
    private readonly stallTimeout: number,
  ) {}

  /**
   * Resolves as soon as `isReached` holds after a change.
   *
   * @throws Error when nothing changed for `stallTimeout` ms, with the counts
   */
  until(what: string, isReached: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        this.tally.off('change', onChange);
      };
      const onChange = () => {
        timer.refresh();
        if (!isReached()) return;
        stop();
        resolve();
      };
      const onStall = () => {
        stop();
        reject(new Error(`Nothing happened for ${this.stallTimeout} ms while waiting until ${what}: ${JSON.stringify(this.tally.counts)}`));
      };
      const timer = setTimeout(onStall, this.stallTimeout);
      this.tally.on('change', onChange);
      onChange();
    });
  }

  /** Resolves when nothing has changed for `quiet` ms. */
  quiet(quiet: number): Promise<void> {
    return new Promise((resolve) => {
      const onChange = () => void timer.refresh();
      const timer = setTimeout(() => {
        this.tally.off('change', onChange);
        resolve();
      }, quiet);
      this.tally.on('change', onChange);
    });
  }
}
