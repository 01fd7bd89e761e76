import { spawn } from "node:child_process";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface ToolOptions {
  env?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Shows what the tool prints as it comes; without it the output is in the error when it fails. */
  live?: boolean;
}

/**
 * Runs a program of node_modules/.bin, or one named by its absolute path, in the repository.
 * @param command the program and its arguments, such as `["next", "build"]`
 * @throws Error with the tool's output when it ends with anything but 0
 */
export function runTool(command: [string, ...string[]], options: ToolOptions = {}): Promise<void> {
  const [name, ...args] = command;
  const program = isAbsolute(name) ? name : `${root}/node_modules/.bin/${name}`;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...options.env },
      stdio: options.live ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
      ...(options.signal ? { signal: options.signal } : {}),
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(`\`${command.join(" ")}\` failed (${signal ?? `exit code ${code}`}).\n${output}`.trim()),
        );
    });
  });
}
