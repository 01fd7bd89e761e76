/** Who does something to the installation: a platform administrator, or whoever has the command line. */
export interface By {
  kind: "user" | "system";
  id: number | null;
  name: string;
}

/** Whoever runs a script with the address of the database. */
export const commandLine: By = { kind: "system", id: null, name: "command line" };
