import { expect, test } from "vitest";
import { raise } from "#lib/testing/raise";
import { withWorld } from "#lib/testing/world";
import { fingerprintOf } from "./fingerprint.ts";

const world = withWorld();

test("an incident that opens, is found again or ends is seen by who has to look", async () => {
  const { id } = world.tenant;
  const alert = { cause: "schedule:1:backup", tenant_id: id, title: "Backup", body: "", link: null };
  const seen = [await fingerprintOf(id)];
  expect(await fingerprintOf(id)).toBe(seen[0]);
  for (const kind of ["run.failed", "run.failed", "run.recovered", "run.failed"] as const) {
    await raise({ ...alert, kind });
    seen.push(await fingerprintOf(id));
  }
  // With none open the tenant looks as it did before.
  expect(seen[3]).toBe(seen[0]);
  expect(new Set(seen).size).toBe(4);
});
