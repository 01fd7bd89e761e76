/** A template of Microsoft's, as a tenant has it. */
export interface OfferedTemplate {
  path: string;
  id: string;
  name: string | null;
  /** New policies can be made of it. */
  isOffered: boolean;
  /** Ids of what the tenant offers of it, in small letters: of settings, and of their places in it; null: not known. */
  settings: string[] | null;
  /** Settings that every policy of it must have; left out: not known. */
  required?: RequiredSetting[];
  /** Ids of settings and options that policies spell with other small and capital letters: as Microsoft spells them. */
  spellings?: string[];
}

/** A setting that Microsoft wants in every policy of a template. */
export interface RequiredSetting {
  definition: string;
  /** Its place in the template; null: none is told. */
  place: string | null;
  /** For people; null: nobody tells. */
  name: string | null;
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
