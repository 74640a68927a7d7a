/** `JMSXDeliveryCount` is a Java int. */
const LARGEST_COUNT = 2_147_483_647;

/**
 * Finds a delivery count by asking whether it is more than others: in steps that double, then by halves. So a count that somebody has forged
 * takes some 60 questions, not as many as it says.
 *
 * @param least the answer for a count that is not more than that
 */
export async function findCount(least: number, isMoreThan: (count: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [least, least];
  for (let step = 1; high < LARGEST_COUNT && (await isMoreThan(high)); step *= 2) {
    low = high + 1;
    high = Math.min(high + step, LARGEST_COUNT);
  }
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (await isMoreThan(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
