/** A number as Java types it: `int` and `long` wrap around, `big` is a literal beyond long, everything with a fraction is `double`. */
export type JavaNumber =
  | { readonly type: 'int' | 'long' | 'big'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number };

/** What an expression can yield; `null` is SQL's NULL. */
export type JavaValue = string | boolean | JavaNumber | null;

/** Makes a Java `int`, wrapped to 32 bits. */
export function int(value: bigint): JavaNumber {
  return { type: 'int', value: BigInt.asIntN(32, value) };
}

/** Makes a Java `long`, wrapped to 64 bits. */
export function long(value: bigint): JavaNumber {
  return { type: 'long', value: BigInt.asIntN(64, value) };
}

/** Makes a Java `double`. */
export function double(value: number): JavaNumber {
  return { type: 'double', value };
}

/** Tells numbers from the other values. */
export function isJavaNumber(value: JavaValue): value is JavaNumber {
  return typeof value === 'object' && value !== null;
}

/** Whether a whole number fits a Java `int`. */
export function fitsInt(value: bigint): boolean {
  return BigInt.asIntN(32, value) === value;
}

/** Whether a whole number fits a Java `long`. */
export function fitsLong(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** `Double.toString`: `0.5`, `1.0E10`, `NaN`. */
function doubleToString(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

/** The text Java makes of a value in a string concatenation. */
export function javaString(value: Exclude<JavaValue, null>): string {
  if (!isJavaNumber(value)) return String(value);
  return value.type === 'double' ? doubleToString(value.value) : value.value.toString();
}
