/** A template of Microsoft's, as a tenant has it. */
export interface OfferedTemplate {
  path: string;
  id: string;
  name: string | null;
  /** New policies can be made of it. */
  isOffered: boolean;
  /** Ids of what the tenant offers of it, in small letters: of settings, and of their places in it; null: not known. */
  settings: string[] | null;
}

/** A setting of an imported ADMX file: its ids are others in every tenant, and after each import. */
export interface ImportedDefinition {
  id: string;
  /** What it is known by wherever the file is imported. */
  key: string;
  /** What the setting asks for. */
  presentations: { id: string; label: string; type: string }[];
}

/** What a live tenant has, beside its policies, that decides whether policies can be written to it. */
export interface Offers {
  /** Those that could be looked up. */
  templates: OfferedTemplate[];
  /** Settings of imported ADMX files; null: they could not be read. */
  imported: ImportedDefinition[] | null;
  /** Policies that bear the name of one that Microsoft gives up; null: they could not be read. */
  successors: { path: string; id: string; name: string }[] | null;
  /** What was deleted and can be brought back. */
  deleted: { path: string; id: string }[];
}
