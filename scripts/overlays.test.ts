import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { overlays } from "../e2e/support/overlays.ts";

const root = new URL("..", import.meta.url).pathname;
const read = (file: string) => readFileSync(resolve(root, file), "utf8");

/** What opens something over a page: Mantine's components, and those that are made of them here. */
const opening =
  /<(?:Modal|Modal\.Root|Drawer|Menu|MenuPanel|Popover|HoverCard|Combobox|Select|MultiSelect|Autocomplete|TagsInput|ConfirmDialog|SecretDialog|RouteModal|dialog)(?=[\s>])/g;

/** They are seen wherever something is made of them. */
const shells = [
  "components/feedback/dialogs/confirm-dialog.tsx",
  "components/feedback/dialogs/route-modal.tsx",
  "components/feedback/dialogs/secret-dialog.tsx",
  "components/menu/menu-button.tsx",
  "components/menu/menu-panel.tsx",
];

test("axe looks at whatever opens over a page: each such place in the sources has a name in the list", () => {
  const files = globSync(["app/**/*.tsx", "components/**/*.tsx"], { cwd: root }).filter(
    (file) => !/\.test\.tsx$/.test(file) && !shells.includes(file),
  );
  const opened = files.flatMap((file): [string, number][] => {
    const places = read(file).match(opening)?.length ?? 0;
    return places === 0 ? [] : [[file, places]];
  });
  expect(opened.length).toBeGreaterThan(40);
  const listed = Object.entries(overlays).map(([file, names]): [string, number] => [file, names.length]);
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(opened));
});

test("and a browser test looks at each under its name", () => {
  const specs = globSync("e2e/*.spec.ts", { cwd: root })
    .map(read)
    .filter((spec) => spec.includes("faultsOf("));
  const unseen = Object.values(overlays)
    .flat()
    .filter((name) => !specs.some((spec) => spec.includes(`"${name}"`)));
  expect(unseen).toEqual([]);
});
