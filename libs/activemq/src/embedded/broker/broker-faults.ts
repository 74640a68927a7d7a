/** What a test may make go wrong with an embedded broker; nothing by default. It outlives `kill()` and `start()`. */
export class BrokerFaults {
  /** While true, new connections are refused as by a closed port; those that are open go on. */
  refuseConnections = false;
  /** Ms by which everything the broker writes is late; default 0. */
  latency = 0;
  #receiptsToLose = 0;

  /** Loses the next receipts: the commands are done, their clients are not told. */
  loseReceipts(count = 1): void {
    this.#receiptsToLose += count;
  }

  /** Whether the receipt about to be written is one of those to lose. */
  losesReceipt(): boolean {
    if (this.#receiptsToLose === 0) return false;
    this.#receiptsToLose--;
    return true;
  }

  /** Nothing goes wrong any more. */
  clear(): void {
    this.refuseConnections = false;
    this.latency = 0;
    this.#receiptsToLose = 0;
  }
}
