const WIDTH = 30;
const CLEAR_LINE = '\r\u001B[2K';

/** The line that shows how far a run has come. */
export function progressLine(messages: number, confirmed: number, unique: number): string {
  const filled = Math.floor((unique / messages) * WIDTH);
  const stored = Math.max(Math.floor((confirmed / messages) * WIDTH), filled);
  const bar = '█'.repeat(filled) + '▒'.repeat(stored - filled) + ' '.repeat(WIDTH - stored);
  return `▕${bar}▏ ${confirmed}/${messages} confirmed, ${unique} handled`;
}

/** Where people can see it: one line that is written again and again, and notes above it. */
export class ProgressBar {
  #line = '';

  /** @param stream a terminal shows the bar and the notes, everything else only the notes */
  constructor(private readonly stream: NodeJS.WriteStream) {}

  /** Shows the bar. */
  show(line: string): void {
    if (!this.stream.isTTY || line === this.#line) return;
    this.#line = line;
    this.stream.write(`${CLEAR_LINE}${line}`);
  }

  /** Writes a line above the bar. */
  note(text: string): void {
    const line = this.#line;
    this.clear();
    this.stream.write(`${text}\n`);
    this.show(line);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#line !== '') this.stream.write(CLEAR_LINE);
    this.#line = '';
  }
}
