/** The last key that was pressed in a select; null after a pointer. */
export type LastKey = { key: string; altKey: boolean } | null;

/**
 * Whether a change of a select is a choice. With a pointer, or in the open list, somebody has chosen. Arrows and letters on a
 * closed select walk through what there is, and each step is a change: but on devices of Apple, where they open the list.
 */
export function choosesAtOnce(last: LastKey, isApple: boolean): boolean {
  return isApple || last === null || last.altKey || ["Enter", " ", "F4"].includes(last.key);
}
