/**
 * The address that was asked for last, until it is there. A second filter that is chosen while the server still answers
 * to the first must add to it, not undo it; and each control asks for itself. What is there, or was given up, is no base for
 * what is chosen next: a link may have led elsewhere since.
 */
export class AskedAddress {
  #asked: { by: object; pathname: string; query: string } | null = null;

  /** A control asks for an address. @param by the control */
  ask(by: object, pathname: string, query: string): void {
    this.#asked = { by, pathname, query };
  }

  /** The query that a change adds to: the one that was asked for and is not there yet, or else the one that is. */
  base(pathname: string, current: string): string {
    return this.#asked?.pathname === pathname ? this.#asked.query : current;
  }

  /** An address is there. Whoever asked for it may be gone by then: what it asked for is over all the same. */
  arrived(pathname: string, query: string): void {
    if (this.#asked?.pathname === pathname && this.#asked.query === query) this.#asked = null;
  }

  /** What a control asked for is over, wherever it led: unless another has asked since. */
  over(by: object): void {
    if (this.#asked?.by === by) this.#asked = null;
  }
}
