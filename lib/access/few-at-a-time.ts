/**
 * Makes a queue through which calls pass a few at a time, in the order in which they came.
 * @param limit calls under way at once
 */
export function fewAtATime(limit: number): <T>(call: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = limit;
  return async (call) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await call();
    } finally {
      // Whoever waits gets the place that becomes free; nobody who comes later overtakes.
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
