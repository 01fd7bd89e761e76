import { webDefaults } from "#lib/limits";

const file = "scripts/web.ts";

/** The part of the heap in which an answer's objects begin: with V8's own choice, garbage of hundreds of megabytes lies about. */
const semiSpaceMegabytes = 16;

/**
 * What Node runs for the web server, with how much memory its objects may take. Left to itself V8 takes what the machine has
 * before it collects, and a container is killed for it.
 * @param setting WEB_MAX_HEAP_MB; one that cannot be used is refused by the server itself (lib/env.ts)
 */
export function webCommand(setting: string | undefined): [string, ...string[]] {
  const megabytes = /^\d+$/.test(setting ?? "") ? Number(setting) : webDefaults.maxHeapMegabytes;
  return [`--max-semi-space-size=${semiSpaceMegabytes}`, `--max-old-space-size=${megabytes}`, file];
}

/** The command of a program of this repository, with the options of Node that it wants. */
export function commandOf(
  program: string,
  { WEB_MAX_HEAP_MB }: Record<string, string | undefined>,
): [string, ...string[]] {
  return program === file ? webCommand(WEB_MAX_HEAP_MB) : [program];
}
