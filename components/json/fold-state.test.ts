import { expect, test, vi } from "vitest";
import { FoldState } from "./fold-state.ts";
import { jsonTree } from "./json-tree.ts";

const tree = jsonTree(JSON.stringify({ list: [{ a: { b: 1 } }, { c: "long ".repeat(200) }] }));
const id = (key: string) => tree.nodes.find((node) => node.key === key)?.id ?? -1;

test("a part hears of its own change, and of no other", () => {
  const state = new FoldState([0]);
  const heard = vi.fn();
  const end = state.listen(id("list"), heard);
  state.set(id("a"), true);
  expect(heard).not.toHaveBeenCalled();
  state.set(id("list"), true);
  state.set(id("list"), true);
  expect(heard).toHaveBeenCalledTimes(1);
  end();
  state.set(id("list"), false);
  expect(heard).toHaveBeenCalledTimes(1);
});

test("revealing a value unfolds the way to it, and a long text itself", () => {
  const state = new FoldState([]);
  const b = tree.nodes[id("b")];
  const c = tree.nodes[id("c")];
  if (!b || !c) throw new Error("not there");
  state.reveal(b);
  expect([0, id("list"), id("a")].every((each) => state.isOpen(each))).toBe(true);
  expect(state.isOpen(id("b"))).toBe(false);
  state.reveal(c);
  expect(state.isOpen(id("c"))).toBe(true);
});

test("folding everything leaves the root, and ends an unfolding that is under way", async () => {
  const rows = Array.from({ length: 1500 }, (_, row) => ({ row, more: { x: 1 } }));
  const large = jsonTree(JSON.stringify(rows));
  const state = new FoldState([0]);
  const unfolding = state.unfoldAll(large);
  state.foldAll(large);
  await unfolding;
  expect(large.nodes.filter((node) => state.isOpen(node.id)).map((node) => node.id)).toEqual([0]);
  await state.unfoldAll(large);
  expect(large.nodes.filter((node) => state.isOpen(node.id))).toHaveLength(3001);
});
