import { generate } from "selfsigned";

/**
 * A self-signed certificate for the sandbox's TLS side: names localhost, 127.0.0.1 and ::1, valid for a year.
 * It is its own authority, so a client trusts it by trusting exactly it (`NODE_EXTRA_CA_CERTS`, `curl --cacert`).
 * @returns key and certificate as PEM
 */
export async function createSandboxCertificate(): Promise<{ key: string; cert: string }> {
  const made = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
          { type: 7, ip: "::1" },
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}
