import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { withWorld } from "#lib/testing/world";
import { sweepRetentionHandler } from "./sweep-retention.ts";

withWorld({ policies: 1 });

/** Does the job as a worker that is asked to stop when `stopping` aborts. */
const sweep = (stopping: AbortSignal) =>
  sweepRetentionHandler.handle(null, {
    id: randomUUID(),
    stopping,
    claimLost: new AbortController().signal,
  });

test("a daily sweep that the worker's end cuts short goes back to the queue, and another worker does it", async () => {
  await expect(sweep(AbortSignal.abort())).rejects.toThrow("stopped before the daily sweep was done");
  await expect(sweep(new AbortController().signal)).resolves.toBeUndefined();
});
