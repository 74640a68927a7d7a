/**
 * Counts calls that passed their deadline and are still held by the client: a server that hangs must not let them grow without limit.
 * A later answer proves that the connection works and the older calls are dead: they no longer count.
 */
export class UnansweredCalls {
  private held = 0;
  private generation = 0;

  constructor(private readonly limit: number) {}

  /** Whether no more calls should be made. */
  get full(): boolean {
    return this.held >= this.limit;
  }

  /** Counts a call until it settles after all. */
  add(call: Promise<unknown>): void {
    const { generation } = this;
    this.held++;
    const settled = () => {
      if (generation === this.generation) this.held--;
    };
    call.then(settled, settled);
  }

  /** The server answered. */
  forget(): void {
    if (this.held === 0) return;
    this.held = 0;
    this.generation++;
  }
}
