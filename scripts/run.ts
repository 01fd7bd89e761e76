// `node scripts/run.ts FILE [--data-dir DIR] [arguments]`: runs a file beside a running TenantPilot, or with the
// DATABASE_URL that is set. It becomes that process, since some settings (NODE_EXTRA_CA_CERTS) are read at its start.
import { joinEnvironment } from "./environment.ts";
import { environmentFor } from "./launch/environment-for.ts";
import { nodeArguments } from "./launch/node-arguments.ts";
import { workerFile } from "./launch/packed-worker.ts";
import { commandOf } from "./launch/web-command.ts";
import { workerCommand } from "./launch/worker-command.ts";

const [file, ...given] = process.argv.slice(2);
if (!file) throw new Error("Name the file to run.");
try {
  const { env, args } = await joinEnvironment(given);
  const command = file === workerFile ? await workerCommand() : commandOf(file, env);
  process.execve?.(
    process.execPath,
    [process.execPath, ...nodeArguments(command), ...args],
    environmentFor(file, env),
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
