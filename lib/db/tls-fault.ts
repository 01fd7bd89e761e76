import { everythingSaid } from "./error-text.ts";

const advice = '(docs/operating.md, "TLS to the database")';

/** What Node, the driver and PostgreSQL say, by code or in words, and what to do about it. */
const faults: readonly (readonly [RegExp, string])[] = [
  [
    /SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|self-signed certificate|unable to (verify the first|get (local )?issuer) certificate/,
    "The database's certificate is signed by nobody whom this process trusts: name its authority's certificate in the " +
      `address, sslmode=verify-full&sslrootcert=/path/to/ca.pem ${advice}.`,
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames/,
    `The database's certificate is for another name than the host in the address: use the name that it is for ${advice}.`,
  ],
  [
    /CERT_HAS_EXPIRED|certificate has expired/,
    "The database's certificate has expired: give the server another one.",
  ],
  [
    /server does not support (SSL|TLS) connections/i,
    `The database has no TLS: switch it on there (ssl = on), or say sslmode=disable in the address ${advice}.`,
  ],
  [
    /no pg_hba\.conf entry for .*no encryption/,
    `The database takes no connection without TLS: say sslmode=verify-full in the address ${advice}.`,
  ],
];

/** What is wrong with TLS to the database when a connection failed because of it, in one line; else null. */
export function tlsFault(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const said = `${"code" in error ? error.code : ""} ${everythingSaid(error)}`;
  return faults.find(([pattern]) => pattern.test(said))?.[1] ?? tlsFault(error.cause);
}
