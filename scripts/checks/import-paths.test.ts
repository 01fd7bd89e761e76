import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { checkImportPaths, pathFault } from "./import-paths.ts";
import { importsOf } from "./imports.ts";

test("no import climbs further than a reader can follow", () => {
  expect(() => checkImportPaths()).not.toThrow();
});

test.each([
  ["app/page.tsx", "./panel.tsx", "app/panel.tsx", null],
  ["components/schedules/form/zone.tsx", "../../ui/panel.tsx", "components/ui/panel.tsx", null],
  ["app/page.tsx", "#components/ui/panel", "components/ui/panel", null],
  ["bench/pages.ts", "../scripts/build.ts", "scripts/build.ts", null],
  ["app/a/b/page.tsx", "../../../app/action.ts", "app/action.ts", /3 steps up/],
  ["app/page.tsx", "../components/ui/panel.tsx", "components/ui/panel.tsx", /components\/ has an alias/],
])("%s imports %s (%s): %s", (file, specifier, target, fault) => {
  if (fault === null) expect(pathFault({ file, specifier, target })).toBeNull();
  else expect(pathFault({ file, specifier, target })).toMatch(fault);
});

test("the imports that are checked are those that there are: each leads to a file", () => {
  const imports = importsOf("{app,components,e2e}/**/*.{ts,tsx}");
  expect(imports.length).toBeGreaterThan(1_000);
  const lost = imports.filter(
    ({ target }) => !["", ".ts", ".tsx"].some((ending) => existsSync(target + ending)),
  );
  expect(lost).toEqual([]);
});
