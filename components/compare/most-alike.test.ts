import { expect, test } from "vitest";
import { mostAlike } from "./most-alike.ts";

const set = (id: number, backup_schedule_id: number, schedule_name: string, item_count: number) => ({
  id,
  backup_schedule_id,
  schedule_name,
  item_count,
});

const nightly = { schedule_name: "Nightly", item_count: 102 };

test.each([
  [
    "the newest of the same name",
    [set(9, 1, "Load", 0), set(8, 2, "Nightly", 90), set(7, 2, "Nightly", 102)],
    8,
  ],
  ["as large a one where no name is the same", [set(9, 1, "Load", 3), set(8, 2, "Everything", 110)], 8],
  ["no empty one, even of the same name", [set(9, 1, "Nightly", 0), set(8, 2, "Other", 12)], 8],
  ["an empty one before none", [set(9, 1, "Load", 0)], 9],
])("takes %s", (_what, others, wanted) => {
  expect(mostAlike(nightly, others)?.id).toBe(wanted);
});

test("finds none where there is none", () => {
  expect(mostAlike(nightly, [])).toBeNull();
});
