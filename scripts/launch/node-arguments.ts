const lightImports = new URL("../light-imports.ts", import.meta.url).href;

/**
 * What Node is given to run a command of ours.
 * @param command options of Node's, the file, and the file's arguments: sources need light-imports.ts, what is packed does not
 */
export function nodeArguments(command: readonly string[]): string[] {
  return command.some((part) => part.endsWith(".ts")) ? ["--import", lightImports, ...command] : [...command];
}
