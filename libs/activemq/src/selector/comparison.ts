import { isJavaNumber, type JavaNumber, type JavaValue } from './java-value.js';
import { parseJavaNumber } from './java-parse.js';
import { SelectorEvaluationError } from './selector.errors.js';

/** The comparison operators of a selector; `<>` is NOT of `=`. */
export type ComparisonOperator = '=' | '>' | '>=' | '<' | '<=';

const HOLDS: Readonly<Record<ComparisonOperator, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
};

/** The order of two values of one kind; strings by UTF-16 unit, as in Java. */
function order<T extends string | number | bigint | boolean>(left: T, right: T): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** `Double.compare`: NaN equals itself and is above all, -0.0 is below 0.0. */
function orderDoubles(left: number, right: number): number {
  if (Object.is(left, right)) return 0;
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) ? 1 : -1;
  if (left === right) return Object.is(left, -0) ? -1 : 1;
  return order(left, right);
}

function orderNumbers(left: JavaNumber, right: JavaNumber): number | undefined {
  if ((left.type === 'big') !== (right.type === 'big')) return undefined;
  if (left.type === 'double' || right.type === 'double') return orderDoubles(Number(left.value), Number(right.value));
  return order(left.value, right.value);
}

/** Java's conversions; `undefined` where the two cannot be compared, which is FALSE for every operator. */
function orderValues(left: Exclude<JavaValue, null>, right: Exclude<JavaValue, null>): number | undefined {
  if (isJavaNumber(left)) {
    const converted = typeof right === 'string' ? parseJavaNumber(right, left.type) : right;
    return converted !== undefined && isJavaNumber(converted) ? orderNumbers(left, converted) : undefined;
  }
  if (typeof left === 'boolean') {
    if (typeof right === 'boolean') return order(left, right);
    if (typeof right !== 'string') return undefined;
    throw new SelectorEvaluationError('a boolean on the left cannot be compared with a string on the right; write the header on the left');
  }
  if (typeof right === 'string') return order(left, right);
  if (typeof right === 'boolean') return order(left.toLowerCase() === 'true', right);
  const converted = parseJavaNumber(left, right.type);
  return converted === undefined ? undefined : orderNumbers(converted, right);
}

/**
 * Compares with the string conversion that ActiveMQ's STOMP connector turns on: a header is read as the type of the other side.
 *
 * @throws SelectorEvaluationError for a boolean on the left of a string, where ActiveMQ throws too.
 */
export function compare(operator: ComparisonOperator, left: JavaValue, right: JavaValue): boolean | null {
  if (operator === '=') {
    if (left === null) return right === null ? true : null;
    if (right === null) return false;
  } else if (left === null || right === null) {
    return null;
  }
  const result = orderValues(left, right);
  return result !== undefined && HOLDS[operator](result);
}
