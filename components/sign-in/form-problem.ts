/** What was wrong with a form: as a whole, or in its fields, by their names. */
export interface FormProblem {
  problem: string | null;
  errors: Readonly<Record<string, string>>;
}
