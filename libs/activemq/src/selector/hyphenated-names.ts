const STRING = /'(?:[^']|'')*'/g;
const HYPHENATED = /[A-Za-z_$][\w$]*(?:-[A-Za-z_$][\w$]*)+/g;

/**
 * What looks like a header's name with `-` in a selector, which is a subtraction there: `my-header = 'EU'` is true of no message.
 *
 * Names that begin with `JMS` are numbers, and may be subtracted.
 */
export function hyphenatedNames(selector: string): readonly string[] {
  return (selector.replaceAll(STRING, "''").match(HYPHENATED) ?? []).filter(
    (name) => !name.split('-').some((part) => part.startsWith('JMS')),
  );
}
