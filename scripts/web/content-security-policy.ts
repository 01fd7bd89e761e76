/**
 * What a page may load and run. Its scripts are those that carry the answer's nonce, and what they load: markup that
 * somebody smuggles into a page, by the name of a policy for instance, runs nothing. Mantine writes inline styles.
 * Nothing may frame the pages, and forms go nowhere else.
 * @param nonce random for each answer, base64; Next.js finds it in the request's header of this name
 */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
