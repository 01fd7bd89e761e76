// A policy as people read it: what wordsOf makes, and what pages, comparisons and documentation show. It knows no
// database, so components may import it.

/** What a setting is set to. */
export type WordValue =
  /** "Enabled", "15 minutes", "Contoso – all devices". */
  | { kind: "text"; text: string }
  | { kind: "list"; items: string[] }
  /** A decoded script, XML or JSON; `encoding` is how Graph serves it: `Base64, UTF-8`, or `Text`. */
  | { kind: "code"; text: string; language: string; encoding: string }
  /** There is a value that nobody may read. */
  | { kind: "secret" }
  /** A heading whose children say it. */
  | { kind: "none" };

/** One line of a policy in words, and what belongs below it. */
export interface WordRow {
  /** Identity in comparisons: definition id or property path, with those of the parents and the place in collections. */
  key: string;
  /** Where it stands in the canonical document. */
  path: (string | number)[];
  /** From the outermost; may be empty. */
  category: string[];
  /** As the portal says it; the raw id where nobody names it. */
  name: string;
  /** False: name or value is a raw id. */
  isNamed: boolean;
  value: WordValue;
  /** Help text or description, one sentence. */
  note?: string;
  children: WordRow[];
}

/** Rows under one heading; `about`, `settings`, `conditions`, `rules` and `assignments` among the keys. */
export interface WordSection {
  key: string;
  title: string;
  rows: WordRow[];
}

/** A policy in words. */
export interface PolicyWords {
  sections: WordSection[];
  /** Of conditional access: who, what, where, then. */
  sentences: string[];
}

/** What a setting of the settings catalog is called, and what may be chosen: Microsoft's, the same in every tenant. */
export interface SettingDefinition {
  id: string;
  version: string;
  name: string;
  description: string | null;
  category_id: string | null;
  /** The path of the setting in its configuration service provider, where it has one. */
  csp_path: string | null;
  /** Of a choice, by item id. */
  options: Readonly<Record<string, string>>;
}

/** Where names come from; none of them has to know anything. */
export interface WordContext {
  definition(id: string): SettingDefinition | undefined;
  /** The settings of a template in its order; empty when it is not known. */
  template(id: string): readonly string[];
  /** The path of a category of settings, from the outermost; empty when it is not known. */
  category(id: string): string[];
  /**
   * The name behind an id.
   * @param kind one of `nameKinds`
   */
  nameOf(kind: string, id: string): string | undefined;
  /** What is said is compared with a document of another tenant: there, things are the same by their names, and never by their ids. */
  acrossTenants?: boolean;
}

/** Knows nothing: every id stays an id. */
export const noWordContext: WordContext = {
  definition: () => undefined,
  template: () => [],
  category: () => [],
  nameOf: () => undefined,
};
