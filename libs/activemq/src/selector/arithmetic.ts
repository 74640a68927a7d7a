import { double, int, isJavaNumber, javaString, long, type JavaNumber, type JavaValue } from './java-value.js';
import { SelectorEvaluationError } from './selector.errors.js';

/** The arithmetic operators of a selector. */
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

const LONG_MIN = -(2n ** 63n);

const ON_DOUBLES: Readonly<Record<ArithmeticOperator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
};

const ON_WHOLES: Readonly<Record<'+' | '-' | '*', (left: bigint, right: bigint) => bigint>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
};

function calculateNumbers(operator: ArithmeticOperator, left: JavaNumber, right: JavaNumber): JavaNumber {
  // Division and modulo are done on doubles, also of two whole numbers.
  if (operator === '/' || operator === '%' || left.type === 'double' || right.type === 'double') {
    return double(ON_DOUBLES[operator](Number(left.value), Number(right.value)));
  }
  // Wrapping the result wraps a literal beyond long too, which Java does before it calculates.
  const narrow = left.type === 'long' || right.type === 'long' ? long : int;
  return narrow(ON_WHOLES[operator](left.value, right.value));
}

/**
 * Applies an operator; NULL on either side gives NULL. A string on the left of `+` concatenates.
 *
 * @throws SelectorEvaluationError where ActiveMQ throws: a string or boolean in any other place.
 */
export function calculate(operator: ArithmeticOperator, left: JavaValue, right: JavaValue): JavaValue {
  if (left === null || right === null) return null;
  if (operator === '+' && typeof left === 'string') return left + javaString(right);
  if (isJavaNumber(left) && isJavaNumber(right)) return calculateNumbers(operator, left, right);
  throw new SelectorEvaluationError(
    `"${operator}" needs numbers; STOMP headers are strings and become numbers only when they are compared, as in "price > 10"`,
  );
}

/** Unary minus; NULL for everything that is no number, so also for a header. */
export function negate(value: JavaValue): JavaValue {
  if (!isJavaNumber(value)) return null;
  if (value.type === 'double') return double(-value.value);
  // 2^63 is no long, but minus 2^63 is one.
  if (value.type === 'big') return -value.value === LONG_MIN ? long(LONG_MIN) : { type: 'big', value: -value.value };
  return value.type === 'int' ? int(-value.value) : long(-value.value);
}
