import { isLoopback } from "#lib/loopback";

/**
 * Knows the names that this service is called by: that of its public address, further ones of the operator's, and those of
 * this machine itself. A page of somebody else's whose name has been pointed here (DNS rebinding) asks for another.
 * @param publicUrl the service's public address
 * @param further names or addresses, each with a port or good for every port
 * @returns for the value of a `Host` header whether it is one of them
 */
export function knownHosts(publicUrl: string, further: readonly string[]): (host: string) => boolean {
  const { protocol, host: publicHost } = new URL(publicUrl);
  const names = new Set([publicHost, ...further.map((name) => name.toLowerCase())]);
  return (host) => {
    // A URL drops its scheme's own port, and writes an address in one way only.
    const asked = URL.parse(`${protocol}//${host}`);
    if (!asked || asked.username || asked.password || asked.pathname !== "/" || asked.search) return false;
    return names.has(asked.host) || names.has(asked.hostname) || isLoopback(asked.hostname);
  };
}
