import { ConfigurationError } from '../../errors/index.js';

/** Characters of one pattern; a match takes at most this times the length of the name, in steps. */
const MAX_LENGTH = 1000;
const LINE_ENDS = '\n\r\u0085\u2028\u2029';
const CLASSES: Readonly<Record<string, RegExp>> = { d: /[0-9]/, D: /[^0-9]/, w: /\w/, W: /\W/, s: /[ \t\n\v\f\r]/, S: /[^ \t\n\v\f\r]/ };

type Test = (character: string) => boolean;
/** A step of the machine; what it leads to is counted from the step itself. */
type Step = { readonly test: Test } | { readonly either: readonly number[] };

/**
 * Makes the test of a regular expression in Java's syntax on a whole name, without backtracking: names are the clients' choice, and no
 * expression may keep the process busy. It knows characters, `.`, classes, `\d \w \s`, groups, `|`, `*`, `+`, `?`, and `^` and `$` at the
 * ends.
 *
 * @throws ConfigurationError for everything else, and for more than 1000 characters
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const steps = new PatternCompiler(pattern).compile();
  return (name) => {
    let states = closure(steps, [0]);
    for (const character of name) {
      const reached: number[] = [];
      for (const at of states) {
        const step = steps[at];
        if (step !== undefined && 'test' in step && step.test(character)) reached.push(at + 1);
      }
      if (reached.length === 0) return false;
      states = closure(steps, reached);
    }
    return states.has(steps.length);
  };
}

/** All the steps that these lead to without reading a character. */
function closure(steps: readonly Step[], from: readonly number[]): Set<number> {
  const states = new Set(from);
  // What is added while it runs is visited as well.
  for (const at of states) {
    const step = steps[at];
    if (step !== undefined && 'either' in step) for (const offset of step.either) states.add(at + offset);
  }
  return states;
}

class PatternCompiler {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(private readonly pattern: string) {
    this.#characters = Array.from(pattern);
    if (this.#characters.length > MAX_LENGTH) this.#fail(`it is longer than ${MAX_LENGTH} characters`);
  }

  compile(): Step[] {
    const steps = this.#alternatives(true);
    if (this.#next !== undefined) this.#fail('there is a ")" too many');
    return steps;
  }

  get #next(): string | undefined {
    return this.#characters[this.#at];
  }

  #take(character: string): boolean {
    if (this.#next !== character) return false;
    this.#at++;
    return true;
  }

  #fail(reason: string): never {
    throw new ConfigurationError(
      `The dropOnly pattern "${this.pattern.slice(0, 80)}" cannot be used, at character ${this.#at + 1}: ${reason}. ` +
        'Use characters, ".", [...], \\d, \\w, \\s, (...), "|", "*", "+" and "?"',
    );
  }

  #alternatives(outermost: boolean): Step[] {
    let steps = this.#sequence(outermost);
    while (this.#take('|')) {
      const other = this.#sequence(outermost);
      steps = [{ either: [1, steps.length + 2] }, ...steps, { either: [other.length + 1] }, ...other];
    }
    return steps;
  }

  #sequence(outermost: boolean): Step[] {
    const steps: Step[] = [];
    // The whole name has to match, so the anchors of the ends say nothing new.
    if (outermost) this.#take('^');
    while (this.#next !== undefined && this.#next !== '|' && this.#next !== ')') {
      const after = this.#characters[this.#at + 1];
      if (outermost && this.#next === '$' && (after === undefined || after === '|')) this.#at++;
      else steps.push(...this.#repeated(this.#atom()));
    }
    return steps;
  }

  #repeated(atom: Step[]): Step[] {
    let steps = atom;
    if (this.#take('*')) steps = [{ either: [1, atom.length + 2] }, ...atom, { either: [-(atom.length + 1)] }];
    else if (this.#take('+')) steps = [...atom, { either: [-atom.length, 1] }];
    else if (this.#take('?')) steps = [{ either: [1, atom.length + 1] }, ...atom];
    else return steps;
    if (this.#next !== undefined && '*+?'.includes(this.#next)) this.#fail('lazy and possessive repetition is not known here');
    return steps;
  }

  #atom(): Step[] {
    const character = this.#characters[this.#at++] ?? '';
    if (character === '(') return this.#group();
    if (character === '[') return [{ test: this.#class() }];
    if (character === '.') return [{ test: (other) => !LINE_ENDS.includes(other) }];
    if (character === '\\') return [{ test: this.#escaped() }];
    if ('*+?{^$'.includes(character)) {
      this.#at--;
      this.#fail(`"${character}" is not known in this place`);
    }
    return [{ test: (other) => other === character }];
  }

  #group(): Step[] {
    if (this.#take('?') && !this.#take(':')) this.#fail('of "(?" only "(?:" is known');
    const steps = this.#alternatives(false);
    if (!this.#take(')')) this.#fail('a ")" is missing');
    return steps;
  }

  #escaped(): Test {
    const character = this.#characters[this.#at++] ?? '';
    const known = CLASSES[character];
    if (known !== undefined) return (other) => known.test(other);
    if (!/^[^A-Za-z0-9]$/u.test(character)) this.#fail(`the escape "\\${character}" is not known`);
    return (other) => other === character;
  }

  #class(): Test {
    const negated = this.#take('^');
    const tests: Test[] = [];
    do tests.push(this.#member());
    while (this.#next !== ']' && this.#next !== undefined);
    if (!this.#take(']')) this.#fail('a "]" is missing');
    return (other) => tests.some((test) => test(other)) !== negated;
  }

  #member(): Test {
    const first = this.#characters[this.#at++] ?? '';
    if (first === '[' || first === ']' || first === '&') this.#fail(`"${first}" in a class has to be escaped`);
    if (first === '\\') return this.#escaped();
    const last = this.#characters[this.#at + 1];
    if (this.#next !== '-' || last === ']' || last === undefined) return (other) => other === first;
    this.#at += 2;
    const [low, high] = [codePoint(first), codePoint(last)];
    if (last === '\\' || low > high) this.#fail(`"${first}-${last}" is no range`);
    return (other) => codePoint(other) >= low && codePoint(other) <= high;
  }
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
