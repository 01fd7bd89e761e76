import { parseArgs } from "node:util";
import type { TickOptions } from "./dispatch/tick-by-hand.ts";

const help = `Dispatches everything that is due: one tick, by hand.

  npm run schedules:dispatch [-- options]

  --at ISO     act as if it were this instant (2026-03-29T01:00:00Z)
  --dry-run    only say what would be done
  --json       print one JSON object instead of a table
  --help       this text

Ends with 0 when it is done, 1 when the database does not answer, 2 when an option is wrong.`;

const options = readOptions();
if (options.help) {
  console.log(help);
} else {
  // Loaded once it is needed: help, and what is refused, are there at once.
  const { tickByHand } = await import("./dispatch/tick-by-hand.ts");
  process.exitCode = await tickByHand(options);
}

function readOptions(): TickOptions & { help: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        at: { type: "string" },
        "dry-run": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return {
      at: values.at === undefined ? undefined : instant(values.at),
      dryRun: values["dry-run"],
      json: values.json,
      help: values.help,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`);
    process.exit(2);
  }
}

/** An ISO 8601 instant with its offset, as `…Z` in UTC. @throws Error that says how to write it */
function instant(text: string): string {
  const at = new Date(text);
  // Without an offset it would mean another instant on each machine.
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  if (!isInstant || Number.isNaN(at.getTime())) {
    throw new Error(`--at ${text}: not an instant; write it as 2026-03-29T01:00:00Z.`);
  }
  return at.toISOString();
}
