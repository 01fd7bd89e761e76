import type { z } from "zod";

const longestShown = 60;

/**
 * What of an address a page does not know: a name that it does not read, or a value that the name cannot have, as
 * `status=bogus`. Empty values ask for nothing.
 */
export function ignoredIn(
  query: Readonly<Record<string, string | string[] | undefined>>,
  known: Readonly<Record<string, z.ZodType>>,
): string[] {
  return Object.entries(query).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value[0] : value;
    if (!text) return [];
    const schema = Object.hasOwn(known, name) ? known[name] : undefined;
    return schema?.safeParse(text).success ? [] : [shortened(`${name}=${text}`)];
  });
}

function shortened(text: string): string {
  return text.length > longestShown ? `${text.slice(0, longestShown - 1)}…` : text;
}
