import { expect, test } from "vitest";
import { typesWithDefinitions } from "#lib/words/setting-ids";
import { shareOfRawIds } from "./words-share.ts";

const folder = process.env.GRAPH_SANDBOX_DATA;

test("settings with definitions are named, of a generated tenant as of a folder of exports", async () => {
  for (const source of folder ? [undefined, folder] : [undefined]) {
    const shares = await shareOfRawIds(source);
    expect(shares.length).toBeGreaterThan(5);
    for (const { policyType, rows, raw, sameKey } of shares) {
      expect(sameKey, policyType).toBe(0);
      // Those of device inventory are in no metadata.
      if (!(policyType in typesWithDefinitions) || policyType === "inventoryPolicy") continue;
      expect(rows, policyType).toBeGreaterThan(0);
      expect(
        raw.filter(({ name }) => name.includes("_")),
        policyType,
      ).toEqual([]);
      if (source) expect(raw, policyType).toEqual([]);
    }
  }
});
