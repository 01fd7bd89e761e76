import { Socket } from "node:net";

const graceMs = 9_500;

/**
 * Calls `onLost` once when the process that started this one is gone, even by SIGKILL. The starter holds the other
 * end of a pipe, whose descriptor it names in TENANTPILOT_LIFELINE; without that nothing is watched.
 */
export function onLauncherLost(onLost: () => void): void {
  const descriptor = Number(process.env.TENANTPILOT_LIFELINE);
  // Children of this process do not inherit the pipe, so they must not inherit its name.
  delete process.env.TENANTPILOT_LIFELINE;
  if (!Number.isInteger(descriptor) || descriptor < 3) return;
  const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
  pipe.on("error", () => {});
  pipe.once("close", onLost);
  pipe.resume();
  pipe.unref();
}

/** Ends this process as SIGTERM would, and for certain after eight seconds. */
export function endMyself(): void {
  setTimeout(() => process.exit(1), graceMs).unref();
  process.kill(process.pid, "SIGTERM");
}
