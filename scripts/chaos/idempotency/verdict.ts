/** What the journals of a run say. */
export interface Verdict {
  readonly messages: number;
  /** Messages whose side effect was made. */
  readonly sideEffects: number;
  /** Messages whose side effect was never made. */
  readonly missing: number;
  /** Further side effects after one whose record the store had confirmed, or whose owner is alive and lost nothing: what must not be. */
  readonly doubledOutsideWindow: number;
  /** Further side effects after one whose owner was killed before it could record it, or lost its claim: what the documents say can be. */
  readonly doubledInWindow: number;
}

/** Side effects and answers of one message. */
interface Story {
  readonly effects: string[];
  readonly answers: Map<string, string>;
}

/** Judges what consumers did with messages that are numbered from 0. */
export class Judge {
  readonly #messages: number;
  readonly #effects: Uint16Array;
  readonly #stories = new Map<number, Story>();

  /** @param messages how many different ones there were */
  constructor(messages: number) {
    this.#messages = messages;
    this.#effects = new Uint16Array(messages);
  }

  /** How many messages have their side effect. */
  get done(): number {
    return this.#effects.reduce((done, count) => done + (count > 0 ? 1 : 0), 0);
  }

  /** The first reading: counts side effects. */
  count([kind, number]: readonly string[]): void {
    if (kind === 'E' || kind === 'U') this.#effects[Number(number)]!++;
  }

  /** The second reading: keeps what is needed of messages with more than one side effect. */
  remember([kind, number, token = 'unprotected', answer = '']: readonly string[]): void {
    const message = Number(number);
    if ((this.#effects[message] ?? 0) < 2) return;
    const story = this.#stories.get(message) ?? { effects: [], answers: new Map<string, string>() };
    this.#stories.set(message, story);
    if (kind === 'C') story.answers.set(token, answer);
    else story.effects.push(token);
  }

  /** @param wasKilled whether the process that made a claim's token was killed */
  verdict(wasKilled: (token: string) => boolean): Verdict {
    let [missing, doubledOutsideWindow, doubledInWindow] = [0, 0, 0];
    for (const count of this.#effects) if (count === 0) missing++;
    for (const { effects, answers } of this.#stories.values()) {
      const excused = effects.filter((token) => isInWindow(answers.get(token), wasKilled(token))).length;
      // One side effect is due; every other one needs an owner before it that could not record its own.
      const further = effects.length - 1;
      doubledInWindow += Math.min(further, excused);
      doubledOutsideWindow += Math.max(0, further - excused);
    }
    return { messages: this.#messages, sideEffects: this.#messages - missing, missing, doubledOutsideWindow, doubledInWindow };
  }
}

/** `recreated` too: its record was gone, and a duplicate may have run in the gap. */
function isInWindow(answer: string | undefined, wasKilled: boolean): boolean {
  if (answer === undefined) return wasKilled;
  return answer === 'lost' || answer === 'recreated' || answer === 'error';
}
