/** The number under which the service has noted an error in its log; null for one of the browser's own. */
export function errorNumber(error: unknown): string | null {
  return error instanceof Error && "digest" in error ? String(error.digest) : null;
}
