import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { createSandboxCertificate } from "#sandbox/server";

let trusted: ReturnType<typeof createSandboxCertificate> | undefined;

/** The certificate of `localhost` that this process trusts. One for all: what Node trusts is settled with its first connection. */
export function trustedCertificate(): ReturnType<typeof createSandboxCertificate> {
  trusted ??= createSandboxCertificate().then((made) => {
    setDefaultCACertificates([...getCACertificates("default"), made.cert]);
    return made;
  });
  return trusted;
}
