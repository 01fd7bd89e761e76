import { type NamedReference, nameOf } from "#lib/names/collect";
import type { Names } from "#lib/names/names";

/** A value of a JSON document with its place in it. */
export interface JsonNode {
  /** In the order of the document; the root is 0. */
  id: number;
  /** The property's name; null for the root and for entries of an array. */
  key: string | null;
  kind: "object" | "array" | "string" | "number" | "literal";
  /** A leaf as JSON writes it; empty for objects and arrays. */
  text: string;
  children: readonly JsonNode[];
  parent: JsonNode | null;
  /** Its place among the children of its parent, from 0. */
  index: number;
  depth: number;
  /** Its first line in the document when that is indented whole, from 1. */
  line: number;
  /** The lines that it takes there. */
  lines: number;
  /** Nothing follows it in its object or array, so no comma either. */
  isLast: boolean;
}

/** A document as a tree, and its nodes by id. */
export interface JsonTree {
  root: JsonNode;
  nodes: readonly JsonNode[];
}

/** Leaves longer than this are folded like objects and arrays: certificates, scripts, pictures. */
export const longLeaf = 600;

/** Whether a node can be folded. */
export function isFoldable(node: JsonNode): boolean {
  return node.children.length > 0 || node.text.length > longLeaf;
}

/** Reads a JSON document. @throws SyntaxError */
export function jsonTree(json: string): JsonTree {
  const nodes: JsonNode[] = [];
  let line = 1;
  const read = (
    value: unknown,
    key: string | null,
    parent: JsonNode | null,
    index: number,
    isLast: boolean,
  ): JsonNode => {
    const kind = kindOf(value);
    const children: JsonNode[] = [];
    const node: JsonNode = {
      id: nodes.length,
      key,
      kind,
      text: kind === "object" || kind === "array" ? "" : JSON.stringify(value),
      children,
      parent,
      index,
      depth: parent ? parent.depth + 1 : 0,
      line,
      lines: 1,
      isLast,
    };
    nodes.push(node);
    line += 1;
    const entries: [string | null, unknown][] = Array.isArray(value)
      ? value.map((entry) => [null, entry])
      : kind === "object"
        ? Object.entries(value as object)
        : [];
    for (const [place, [name, entry]] of entries.entries()) {
      children.push(read(entry, name, node, place, place === entries.length - 1));
    }
    // The closing bracket has a line of its own, unless there is nothing between the two.
    if (children.length > 0) line += 1;
    node.lines = line - node.line;
    return node;
  };
  return { root: read(JSON.parse(json), null, null, 0, true), nodes };
}

/**
 * The nodes to unfold at first: level by level, as long as the whole is not longer than `maxLines`. So a small document
 * is there whole, and of a large one what tells most.
 */
export function initiallyOpen({ root }: JsonTree, maxLines: number): Set<number> {
  const open = new Set<number>();
  let shown = 1;
  for (let level: JsonNode[] = [root]; level.length > 0; ) {
    const next: JsonNode[] = [];
    for (const node of level) {
      if (node.children.length === 0) continue;
      const more = node.children.length + 1;
      if (node !== root && shown + more > maxLines) continue;
      open.add(node.id);
      shown += more;
      next.push(...node.children);
    }
    level = next;
  }
  return open;
}

/**
 * The nodes whose name or own value holds the words, whatever the case; in the order of the document. An id is found by
 * what it stands for as well.
 */
export function findInTree({ nodes }: JsonTree, words: string, names: Names = {}): JsonNode[] {
  const wanted = words.toLowerCase();
  if (wanted === "") return [];
  return nodes.filter(
    (node) =>
      node.key?.toLowerCase().includes(wanted) ||
      node.text.toLowerCase().includes(wanted) ||
      nameOfNode(node, names)?.name?.toLowerCase().includes(wanted),
  );
}

/** What a node's value stands for, if it is an id; an entry of a list is what the list's property says. */
export function nameOfNode(node: JsonNode, names: Names): NamedReference | null {
  if (node.kind !== "string" || node.text.length > longestId) return null;
  return nameOf(names, node.key ?? node.parent?.key ?? null, JSON.parse(node.text));
}

const longestId = 200;

/** The objects and arrays that a node is in, outermost first. */
export function ancestorsOf(node: JsonNode): JsonNode[] {
  const ancestors: JsonNode[] = [];
  for (let up = node.parent; up; up = up.parent) ancestors.unshift(up);
  return ancestors;
}

function kindOf(value: unknown): JsonNode["kind"] {
  if (Array.isArray(value)) return "array";
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "number";
  return value !== null && typeof value === "object" ? "object" : "literal";
}
