const HEADERS = ['a', 'b', 'c', 'd'];
const PROPERTIES = [...HEADERS, 'JMSPriority', 'JMSTimestamp', 'JMSRedelivered', 'JMSType', 'JMSXDeliveryCount', 'missing'];
const VALUES = [
  ...'9 10 -5 +9 09 0 -0 4 2.5 .5 5. -0.0 0.0 1e3 1E-3 1e400 9f 9D 9L NaN -Infinity Infinity 0x1p3 0x.8p1 0x10 ٣ １２ 𝟗 ०'.split(' '),
  ...'3000000000 2147483648 -2147483648 9223372036854775807 9223372036854775808 1_0 1,5 --1 +-1 1e e1 .'.split(' '),
  ...`true TRUE false yes red Red a%b_c it's größe 😀x a.b \\ (x) [x] a!b`.split(' '),
  '',
  ' ',
  ' 2.5 ',
  '\t7',
  '7\n',
];
const LITERALS = [
  ...'9 10 -5 0 1 2 3 4 7L 2.5 1000 1000.0 0.001 1e3 .5 5. 1e400 0.0 -0.0 010 0x10 0x7fffffffffffffff 2147483647 3000000000'.split(' '),
  ...'9223372036854775807 9223372036854775808 -9223372036854775808 18446744073709551616 TRUE FALSE NULL'.split(' '),
  ...`'9' 'red' 'Red' 'true' '' 'it''s' '2.5'`.split(' '),
];
const PATTERNS =
  `'9' 'red' 'r%' '%e%' '_ed' '' '%' '_' '%_' '__' 'it''s' 'a!%b!_c' 'a\\%b%' '%%x' '😀_' '!!%' 'a!!b' '%\\' '(%)' '[_]' 'a.b' '%.%'`.split(
    ' ',
  );
const ESCAPES = ['', '', ` ESCAPE '!'`, ` ESCAPE '\\'`, ` ESCAPE '%'`, ` ESCAPE '_'`];
const JUNK = [...`( ) ' '' AND NOT IS NULL LIKE ESCAPE IN = < > - -- + % /* */ 0 1 8 . e L 0x " # , ! $ ü`.split(' '), ' ', '\n'];

/** Selectors and messages at random, the same for the same seed; about a third of the selectors is not valid. */
export class RandomSelectors {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** One selector, of a few operators. */
  selector(): string {
    let text = this.#condition(3);
    while (this.#chance(0.3)) text = this.#mutated(text);
    return text;
  }

  /** Four messages. */
  messages(): Record<string, Record<string, string>> {
    return Object.fromEntries(['m1', 'm2', 'm3', 'm4'].map((name) => [name, this.#headers()]));
  }

  /** A number from 0 up to, but not including, 1 (mulberry32). */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  #chance(probability: number): boolean {
    return this.#next() < probability;
  }

  #pick(from: readonly string[]): string {
    return from[Math.floor(this.#next() * from.length)] ?? '';
  }

  #headers(): Record<string, string> {
    // Always a timestamp: the broker's own clock would make another message of it each time.
    const headers: Record<string, string> = { timestamp: this.#pick(['9', '1000', '3000000000', '1760000000000']) };
    for (const name of HEADERS) if (this.#chance(0.8)) headers[name] = this.#pick(VALUES);
    if (this.#chance(0.5)) headers['priority'] = this.#pick(['0', '9', '4']);
    if (this.#chance(0.3)) headers['type'] = this.#pick(['red', '9', '']);
    return headers;
  }

  #value(depth: number): string {
    const kind = this.#next();
    if (depth <= 0 || kind < 0.45) return this.#pick(PROPERTIES);
    if (kind < 0.7) return this.#pick(LITERALS);
    if (kind < 0.77) return `${this.#pick(['- ', '- ', '+ '])}${this.#value(depth - 1)}`;
    if (kind < 0.9) return `${this.#value(depth - 1)} ${this.#pick(['+', '+', '-', '*', '/', '%'])} ${this.#value(depth - 1)}`;
    return kind < 0.97 ? `(${this.#value(depth - 1)})` : `(${this.#condition(depth - 1)})`;
  }

  #condition(depth: number): string {
    const kind = this.#next();
    const value = () => this.#value(depth - 1);
    const not = () => this.#pick(['', 'NOT ']);
    if (kind < 0.3) return `${value()} ${this.#pick(['=', '<>', '=', '<>', '>', '<', '>=', '<='])} ${value()}`;
    if (kind < 0.4) return `${value()} IS ${not()}NULL`;
    if (kind < 0.5) return `${value()} ${not()}LIKE ${this.#pick(PATTERNS)}${this.#pick(ESCAPES)}`;
    if (kind < 0.57) return `${this.#pick(PROPERTIES)} ${not()}IN (${this.#pick(PATTERNS)}, ${this.#pick(PATTERNS)})`;
    if (kind < 0.64) return `${value()} ${not()}BETWEEN ${value()} AND ${value()}`;
    if (depth <= 0) return `${this.#pick(PROPERTIES)} = ${this.#pick(LITERALS)}`;
    const condition = () => this.#condition(depth - 1);
    if (kind < 0.75) return `NOT ${condition()}`;
    if (kind < 0.8) return `NOT (${condition()})`;
    if (kind < 0.94) return `${condition()} ${this.#pick(['AND', 'OR'])} ${condition()}`;
    return `(${condition()})`;
  }

  /** The text with a few characters put in, taken out or replaced. */
  #mutated(text: string): string {
    const at = Math.floor(this.#next() * (text.length + 1));
    const taken = this.#chance(0.4) ? 0 : 1 + Math.floor(this.#next() * 3);
    return text.slice(0, at) + (this.#chance(0.6) ? this.#pick(JUNK) : '') + text.slice(at + taken);
  }
}
