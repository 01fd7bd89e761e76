import { Launcher } from "./launch/launcher.ts";
import { onLauncherLost } from "./launch/lifeline.ts";
import { parseStartOptions, usage } from "./launch/options.ts";

// A terminal sends Ctrl-C to every process of the group, and those above us pass it on as well: that is one request.
const sameRequestMs = 1_000;

const options = readOptions();
const launcher = new Launcher(options);
let stopRequestedAt: number | undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => requestStop(signal));
onLauncherLost(() => {
  if (stopRequestedAt === undefined) requestStop("the process that started it is gone");
});
// The terminal may be gone before we are.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  await launcher.start();
} catch (error) {
  if (stopRequestedAt === undefined) {
    console.error(`\n${error instanceof Error ? error.message : error}\n`);
    await launcher.stop();
    process.exit(1);
  }
}

function requestStop(why: string): void {
  if (stopRequestedAt !== undefined) {
    if (Date.now() - stopRequestedAt < sameRequestMs) return;
    launcher.kill();
    process.exit(1);
  }
  stopRequestedAt = Date.now();
  console.log(`\nStopping (${why}); once more to force it …`);
  launcher.stop().then(
    () => {
      console.log("Stopped.");
      process.exit(0);
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}

function readOptions() {
  try {
    const parsed = parseStartOptions(process.argv.slice(2));
    if (parsed !== "help") return parsed;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
