import { ancestorsOf, isFoldable, type JsonNode, type JsonTree } from "./json-tree.ts";

/** Nodes that are unfolded before the browser gets its turn, when there are very many. */
const atOnce = 120;

/** Which parts of a document are unfolded. Each part on the screen listens for itself alone. */
export class FoldState {
  readonly #open: Set<number>;
  readonly #listeners = new Map<number, () => void>();
  /** Which `unfoldAll` is under way; another fold or unfold of everything ends it. */
  #pass = 0;

  constructor(open: Iterable<number>) {
    this.#open = new Set(open);
  }

  isOpen(id: number): boolean {
    return this.#open.has(id);
  }

  /** Hears of changes of one node. @returns what ends it */
  listen(id: number, changed: () => void): () => void {
    this.#listeners.set(id, changed);
    return () => {
      if (this.#listeners.get(id) === changed) this.#listeners.delete(id);
    };
  }

  set(id: number, open: boolean): void {
    if (this.#open.has(id) === open) return;
    if (open) this.#open.add(id);
    else this.#open.delete(id);
    this.#listeners.get(id)?.();
  }

  /** Unfolds everything that a node is in, and the node's own text where that is long. */
  reveal(node: JsonNode): void {
    for (const ancestor of ancestorsOf(node)) this.set(ancestor.id, true);
    if (node.children.length === 0 && isFoldable(node)) this.set(node.id, true);
  }

  /** Folds everything but the root. */
  foldAll(tree: JsonTree): void {
    this.#pass += 1;
    // Inner parts first would redraw each outer one; the outer ones take the inner ones away with them.
    for (const child of tree.root.children) this.set(child.id, false);
    for (const id of [...this.#open]) if (id !== tree.root.id) this.#open.delete(id);
  }

  /**
   * Unfolds everything, from the top down, some parts at a time: the page answers meanwhile.
   * @returns when it is done, or another pass has taken over
   */
  async unfoldAll(tree: JsonTree): Promise<void> {
    this.#pass += 1;
    const pass = this.#pass;
    let count = 0;
    for (const node of tree.nodes) {
      if (!isFoldable(node) || this.#open.has(node.id)) continue;
      this.set(node.id, true);
      count += 1;
      if (count % atOnce !== 0) continue;
      await new Promise((resolve) => setTimeout(resolve));
      if (this.#pass !== pass) return;
    }
  }
}
