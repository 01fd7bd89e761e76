/** The texts of an error and of what the database's driver said beneath it. */
export function everythingSaid(error: Error): string {
  const meta = "meta" in error ? JSON.stringify(error.meta) : "";
  return `${error.name} ${error.message} ${meta}`;
}
