import { createHash, verify, X509Certificate } from "node:crypto";
import { type AccessTokens, decodePart, TOKEN_LIFETIME } from "./access-token.ts";
import type { RequestIds } from "./http-error.ts";
import type { GraphObject, Json } from "./json.ts";
import type { TenantState } from "./tenant.ts";

/** A refusal of the token endpoint: OAuth error, HTTP status and the AADSTS code within the description. */
export class TokenError extends Error {
  readonly status: number;
  readonly error: string;
  readonly code: number;

  constructor(status: number, error: string, code: number, message: string) {
    super(message);
    this.status = status;
    this.error = error;
    this.code = code;
  }
}

/** The secret of the app registration has run out. */
export function secretExpired(clientId: string): TokenError {
  return new TokenError(
    401,
    "invalid_client",
    7000222,
    `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security.`,
  );
}

/** The refusal in Entra's own shape. */
export function tokenErrorBody(error: TokenError, ids: RequestIds, origin: string): GraphObject {
  const timestamp = `${new Date().toISOString().slice(0, 19).replace("T", " ")}Z`;
  return {
    error: error.error,
    error_description: `AADSTS${error.code}: ${error.message} Trace ID: ${ids.requestId} Correlation ID: ${ids.clientRequestId} Timestamp: ${timestamp}`,
    error_codes: [error.code],
    timestamp,
    trace_id: ids.requestId,
    correlation_id: ids.clientRequestId,
    error_uri: `${origin}/error?code=${error.code}`,
  };
}

/**
 * The OpenID configuration of a tenant. Clients ask for it only at hosts that they do not know by heart, as this
 * one; for Microsoft's own they go straight to the token endpoint. So it answers for any tenant, and an unknown
 * one is refused where production refuses it.
 */
export function openidConfiguration(tenant: string, origin: string): GraphObject {
  const base = `${origin}/${tenant}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    tenant_region_scope: "EU",
    cloud_instance_name: new URL(origin).host,
  };
}

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const GRAPH_AUDIENCE =
  /^(https:\/\/([\w-]+\.)?(graph\.microsoft\.(com|us)|microsoftgraph\.chinacloudapi\.cn)|https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)\/?$/;

function badAssertion(message: string): TokenError {
  return new TokenError(
    401,
    "invalid_client",
    700027,
    `Client assertion failed signature validation. ${message}`,
  );
}

/** Checks a client assertion as RFC 7523 and Entra want it: signature, thumbprint, issuer, audience, lifetime. */
function checkAssertion(tenant: TenantState, assertion: string, audiences: string[], now: number): void {
  const { certificate, clientId } = tenant.config;
  if (certificate === undefined) {
    throw badAssertion("The certificate with the given thumbprint is not registered for the application.");
  }
  const [head = "", body = "", signature = ""] = assertion.split(".");
  const header = decodePart(head);
  const claims = decodePart(body);
  const { raw, publicKey } = new X509Certificate(certificate);
  const thumbprints: [string, string][] = [
    ["x5t", createHash("sha1").update(raw).digest("base64url")],
    ["x5t#S256", createHash("sha256").update(raw).digest("base64url")],
  ];
  const named = thumbprints.filter(([name]) => typeof header[name] === "string");
  if (named.length === 0 || named.some(([name, thumbprint]) => header[name] !== thumbprint)) {
    throw badAssertion("The thumbprint of the certificate is not registered for the application.");
  }
  const pss = header.alg === "PS256" ? { padding: 6, saltLength: 32 } : {};
  const signed = Buffer.from(`${head}.${body}`);
  const known = header.alg === "PS256" || header.alg === "RS256";
  if (!known || !verify("sha256", signed, { key: publicKey, ...pss }, Buffer.from(signature, "base64url"))) {
    throw badAssertion("The signature is not valid.");
  }
  if (claims.iss !== clientId || claims.sub !== clientId) {
    throw new TokenError(
      401,
      "invalid_client",
      700021,
      "Client assertion application identifier doesn't match 'client_id' parameter.",
    );
  }
  if (!audiences.includes(String(claims.aud))) {
    throw new TokenError(
      401,
      "invalid_client",
      700023,
      "Client assertion audience claim does not match Realm issuer.",
    );
  }
  if (typeof claims.exp !== "number" || claims.exp * 1000 < now) {
    throw new TokenError(
      401,
      "invalid_client",
      700024,
      "Client assertion is not within its valid time range.",
    );
  }
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value) return value;
  throw new TokenError(
    400,
    "invalid_request",
    900144,
    `The request body must contain the following parameter: '${name}'.`,
  );
}

/** One POST to the token endpoint. */
interface TokenRequest {
  /** As in the path. */
  tenantId: string;
  form: URLSearchParams;
  /** `https://localhost:4000`, where the request came to. */
  origin: string;
  tenants: ReadonlyMap<string, TenantState>;
  tokens: AccessTokens;
  now: number;
}

/**
 * Grants an access token for client credentials.
 * @throws TokenError with the codes that Entra gives: 90002 tenant, 700016 app, 7000215 secret, 7000222 expired, …
 */
export function grantToken({ tenantId, form, origin, tenants, tokens, now }: TokenRequest): Json {
  const tenant = tenants.get(tenantId.toLowerCase());
  if (!tenant) {
    throw new TokenError(
      400,
      "invalid_request",
      90002,
      `Tenant '${tenantId}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
    );
  }
  const grantType = required(form, "grant_type");
  if (grantType !== "client_credentials") {
    throw new TokenError(
      400,
      "unsupported_grant_type",
      70003,
      `The app requested an unsupported grant type '${grantType}'.`,
    );
  }
  const clientId = required(form, "client_id");
  const registration = tenant.registration(clientId);
  if (!registration) {
    const name = tenant.config.displayName ?? tenantId;
    throw new TokenError(
      400,
      "unauthorized_client",
      700016,
      `Application with identifier '${clientId}' was not found in the directory '${name}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
    );
  }
  const scope =
    required(form, "scope")
      .split(" ")
      .find((one) => one.includes("://")) ?? "";
  if (!scope.endsWith("/.default")) {
    throw new TokenError(
      400,
      "invalid_scope",
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  }
  const audience = scope.slice(0, -"/.default".length);
  if (!GRAPH_AUDIENCE.test(audience)) {
    throw new TokenError(
      400,
      "invalid_resource",
      500011,
      `The resource principal named ${audience} was not found in the tenant.`,
    );
  }
  const assertion = form.get("client_assertion");
  if (assertion !== null) {
    if (form.get("client_assertion_type") !== ASSERTION_TYPE) {
      throw new TokenError(
        400,
        "invalid_request",
        900144,
        `client_assertion_type must be '${ASSERTION_TYPE}'.`,
      );
    }
    const base = `${origin}/${tenantId}`;
    checkAssertion(tenant, assertion, [`${base}/oauth2/v2.0/token`, `${base}/v2.0`], now);
  } else {
    const secret = form.get("client_secret");
    if (secret === null) {
      throw new TokenError(
        401,
        "invalid_client",
        7000218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      );
    }
    if (secret !== registration.clientSecret) {
      throw new TokenError(
        401,
        "invalid_client",
        7000215,
        `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
      );
    }
    if (tenant.secretExpired) throw secretExpired(clientId);
  }
  return {
    token_type: "Bearer",
    expires_in: TOKEN_LIFETIME,
    ext_expires_in: TOKEN_LIFETIME,
    access_token: tokens.issue(tenant, registration, audience, now),
  };
}
