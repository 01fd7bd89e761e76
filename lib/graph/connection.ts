/** How a tenant's Graph is reached, with the credential in the clear: lives in memory only, never logged. */
export interface GraphConnection {
  /** Base URL of the Entra login service; https only. */
  loginUrl: string;
  /** Base URL of Graph, without a version. */
  graphUrl: string;
  entraTenantId: string;
  clientId: string;
  credential: GraphCredential;
}

/** A client secret, or a certificate with its private key as one PEM text. */
export type GraphCredential = { kind: "secret"; secret: string } | { kind: "certificate"; pem: string };
