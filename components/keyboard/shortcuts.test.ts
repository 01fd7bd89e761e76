import { describe, expect, test } from "vitest";
import { roles } from "#lib/access/permissions";
import { match, type Shortcut, shortcutsOf } from "./shortcuts.ts";

const owner = shortcutsOf({ tenant: { id: 7, role: "owner", is_archived: false } });
const press = (key: string, held: "ctrlKey" | "metaKey" | "altKey" | null = null) => ({
  key,
  ctrlKey: held === "ctrlKey",
  metaKey: held === "metaKey",
  altKey: held === "altKey",
});
const found = (answer: ReturnType<typeof match>): Shortcut["act"] | null =>
  answer && "shortcut" in answer ? answer.shortcut.act : null;

describe("the table of shortcuts", () => {
  test.each(roles)("has no two shortcuts on the same keys (%s)", (role) => {
    const keys = shortcutsOf({ tenant: { id: 7, role, is_archived: false } }).map((shortcut) =>
      shortcut.keys.join(" "),
    );
    expect(new Set(keys).size).toBe(keys.length);
    // A key that stands alone would never let a pair begin.
    expect(keys.filter((key) => keys.some((other) => other.startsWith(`${key} `)))).toEqual([]);
  });

  test("offers what the role may, and tenants' pages only in a tenant", () => {
    const labels = (shortcuts: readonly Shortcut[]) => shortcuts.map((shortcut) => shortcut.label);
    expect(labels(owner)).toContain("API tokens");
    expect(labels(owner)).toContain("New backup schedule");
    const readonly = labels(shortcutsOf({ tenant: { id: 7, role: "readonly", is_archived: false } }));
    expect(readonly).not.toContain("API tokens");
    expect(readonly).not.toContain("New backup schedule");
    expect(labels(shortcutsOf({ tenant: null }))).not.toContain("Runs");
  });
});

describe("a press", () => {
  test("of two keys goes to a page", () => {
    expect(match(owner, press("g"), null, true)).toEqual({ awaiting: "g" });
    expect(found(match(owner, press("r"), "g", true))).toEqual({ kind: "go", href: "/tenants/7/runs" });
    expect(found(match(owner, press("t"), "g", true))).toEqual({ kind: "go", href: "/tenants" });
    expect(found(match(owner, press("t"), null, true))).toEqual({ kind: "theme" });
    expect(found(match(owner, press("k"), "g", true))).toEqual({ kind: "go", href: "/tenants/7/api-tokens" });
    expect(found(match(owner, press("k"), null, true))).toEqual({ kind: "row", step: -1 });
  });

  test("with ⌘ or Ctrl opens the palette, even while typing; other modifiers are the browser's", () => {
    for (const held of ["ctrlKey", "metaKey"] as const) {
      expect(found(match(owner, press("k", held), null, false))).toEqual({ kind: "palette" });
      expect(match(owner, press("t", held), null, true)).toBeNull();
    }
    expect(match(owner, press("k", "altKey"), null, true)).toBeNull();
    expect(match(owner, { ...press("k", "ctrlKey"), metaKey: true }, null, true)).toBeNull();
  });

  test("does nothing while typing, or for who turned single keys off", () => {
    for (const key of ["g", "n", "t", "j", "?", "/"]) {
      expect(match(owner, press(key), null, false)).toBeNull();
    }
    expect(match(owner, press("r"), "g", false)).toBeNull();
  });

  test("of a key that means nothing is left alone", () => {
    for (const key of ["x", "Shift", "Enter", "ArrowDown", "Tab"]) {
      expect(match(owner, press(key), null, true)).toBeNull();
    }
  });
});
