/** A path of this site, or where everybody begins: a link with `next` in it must not lead elsewhere. */
export function pathInside(next: string): string {
  const base = "http://tenantpilot.invalid";
  return /^\/[^/\\]/.test(next) && URL.canParse(next, base) && new URL(next, base).origin === base
    ? next
    : "/";
}
