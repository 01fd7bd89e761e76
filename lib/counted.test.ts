import { expect, test } from "vitest";
import { counted } from "./counted.ts";

test("one is told in the singular, and everything else in the plural", () => {
  expect(counted(1, "backup set")).toBe("1 backup set");
  expect(counted(0, "backup set")).toBe("0 backup sets");
  expect(counted(1_234, "backup set")).toBe("1,234 backup sets");
  expect(counted(1, "policy", "policies")).toBe("1 policy");
  expect(counted(2, "policy", "policies")).toBe("2 policies");
});
