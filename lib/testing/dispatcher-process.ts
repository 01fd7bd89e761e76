import { readFile } from "node:fs/promises";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { tick } from "#lib/schedules/tick";

/** What a parent may ask this process to do. */
export type DispatcherRequest = { tick: { batch?: number } } | { stop: true };

/** What this process answers. `max_rss_mb`: the most memory it ever had. */
export type DispatcherAnswer =
  | { claimed: number; started: number; ms: number; max_rss_mb: number }
  | { error: string };

/** A dispatcher and nothing else, as a process: ticks when its parent asks for it, and says what became of it. */
process.on("message", async (request: DispatcherRequest) => {
  if ("stop" in request) {
    await stopProducer();
    await disconnect();
    process.disconnect();
    return;
  }
  process.send?.(await answer(request.tick));
});

/** The most memory that it ever had. What the system counts for a process begins with what its parent had when it forked. */
async function peakKilobytes(): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
}

async function answer(options: { batch?: number }): Promise<DispatcherAnswer> {
  const began = performance.now();
  try {
    const { claimed, started } = await tick(options);
    const ms = performance.now() - began;
    return { claimed, started, ms, max_rss_mb: (await peakKilobytes()) / 1024 };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

process.on("disconnect", () => process.exit(0));
