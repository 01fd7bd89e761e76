import { describe, expect, test } from "vitest";
import { ancestorsOf, findInTree, initiallyOpen, isFoldable, jsonTree, longLeaf } from "./json-tree.ts";

const document = { id: "a", empty: [], list: [1, { deep: null }], nested: { x: { y: "Zürich" } } };
const tree = jsonTree(JSON.stringify(document));
const node = (key: string) => {
  const found = tree.nodes.find((each) => each.key === key);
  if (!found) throw new Error(`no ${key}`);
  return found;
};

describe("a document as a tree", () => {
  test("knows each value's line in the indented text", () => {
    const lines = JSON.stringify(document, null, 2).split("\n");
    for (const each of tree.nodes) {
      const line = lines[each.line - 1]?.trim() ?? "";
      if (each.key !== null) expect(line.startsWith(JSON.stringify(each.key))).toBe(true);
      if (each.text) expect(line.replace(/,$/, "").endsWith(each.text)).toBe(true);
    }
    expect(tree.root.lines).toBe(lines.length);
    expect(node("nested").lines).toBe(5);
    expect(node("empty").lines).toBe(1);
  });

  test("folds what has something in it, and very long texts", () => {
    expect(["list", "nested", "empty", "id"].map((key) => isFoldable(node(key)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(isFoldable(jsonTree(JSON.stringify("x".repeat(longLeaf))).root)).toBe(true);
  });
});

describe("what is unfolded at first", () => {
  test("is everything of a small document", () => {
    expect([...initiallyOpen(tree, 100)]).toHaveLength(5);
  });

  test("is the outer levels of a large one, within the limit, and the root in any case", () => {
    const rows = Array.from({ length: 50 }, (_, id) => ({ id, name: "x", more: { a: 1, b: 2 } }));
    const large = jsonTree(JSON.stringify({ rows, name: "y" }));
    const open = initiallyOpen(large, 100);
    const shown =
      1 +
      large.nodes
        .filter((each) => open.has(each.id))
        .reduce((sum, each) => sum + each.children.length + 1, 0);
    expect(shown).toBeLessThanOrEqual(100);
    expect(open.has(large.nodes.find((each) => each.key === "rows")?.id ?? -1)).toBe(true);
    expect([...initiallyOpen(large, 1)]).toEqual([0]);
  });
});

test("words are found in names and values, whatever the case, with the way down to them", () => {
  expect(findInTree(tree, "ZÜR").map((each) => each.key)).toEqual(["y"]);
  expect(findInTree(tree, "DEEP").map((each) => each.text)).toEqual(["null"]);
  expect(findInTree(tree, "")).toEqual([]);
  expect(ancestorsOf(node("y")).map((each) => each.key)).toEqual([null, "nested", "x"]);
});

test("an id is found by what it stands for, an entry of a list by what the list holds", () => {
  const id = "5f0c1a2b-1111-4111-8111-111111111111";
  const policy = jsonTree(JSON.stringify({ version: "0", roleScopeTagIds: ["0"], target: { groupId: id } }));
  const names = { group: { [id]: { name: "Sales" } }, roleScopeTag: { "0": { name: "Default" } } };
  expect(findInTree(policy, "sales", names).map((each) => each.key)).toEqual(["groupId"]);
  expect(findInTree(policy, "default", names).map((each) => each.parent?.key)).toEqual(["roleScopeTagIds"]);
  expect(findInTree(policy, "sales")).toEqual([]);
});
