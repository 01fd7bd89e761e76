/**
 * A count with its noun: `1 backup set`, `1,234 backup sets`, `0 policies`.
 * @param one the noun for one
 * @param many the noun for any other number, where it is not `one` with an s
 */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
