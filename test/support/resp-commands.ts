/** Reads the commands that a client sends to Redis: arrays of bulk strings. Reports each with its first two words, e.g. `EVALSHA 1f2e..`. */
export class RespCommands {
  private rest = Buffer.alloc(0);
  private missing = 0;
  private words: string[] = [];

  constructor(private readonly onCommand: (command: string) => void) {}

  push(bytes: Buffer): void {
    this.rest = Buffer.concat([this.rest, bytes]);
    for (;;) {
      const end = this.rest.indexOf('\r\n');
      if (end < 0) return;
      const line = this.rest.toString('latin1', 0, end);
      const count = Number(line.slice(1));
      if (line.startsWith('*')) {
        this.missing = count;
        this.rest = this.rest.subarray(end + 2);
      } else if (line.startsWith('$')) {
        if (this.rest.length < end + 2 + count + 2) return;
        this.word(this.rest.toString('utf8', end + 2, end + 2 + count));
        this.rest = this.rest.subarray(end + 2 + count + 2);
      } else {
        throw new Error(`this is no command of a Redis client: ${line.slice(0, 50)}`);
      }
    }
  }

  private word(text: string): void {
    this.words.push(text);
    if (--this.missing > 0) return;
    const [name = '', detail = ''] = this.words;
    this.words = [];
    this.onCommand(`${name.toUpperCase()} ${detail.slice(0, 40)}`);
  }
}
