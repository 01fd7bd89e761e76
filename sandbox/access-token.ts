import { createPrivateKey, createPublicKey, type KeyObject, randomUUID, sign, verify } from "node:crypto";
import { GraphError } from "./http-error.ts";
import type { Registration, TenantState } from "./tenant.ts";

/** Seconds that an access token lives, as Entra answers. */
export const TOKEN_LIFETIME = 3599;

interface Claims {
  tid: string;
  appid: string;
  roles: string[];
  exp: number;
  nbf: number;
  aud: string;
  generation: number;
}

/** What a request may do. */
export interface Access {
  tenant: TenantState;
  clientId: string;
  roles: readonly string[];
}

const encodePart = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

export function decodePart(part: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? "", "base64url").toString());
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const refused = (message: string) => new GraphError(401, "InvalidAuthenticationToken", message);

/** Makes access tokens in the shape of Entra's, and checks them on the Graph side. */
export class AccessTokens {
  readonly #key: KeyObject;
  readonly #publicKey: KeyObject;
  /** Tokens whose signature was right, so that it is checked once a token and not once a request. */
  readonly #known = new Map<string, Claims>();

  /** @param key private key (PEM), ECDSA P-256 or RSA */
  constructor(key: string) {
    this.#key = createPrivateKey(key);
    this.#publicKey = createPublicKey(this.#key);
  }

  get #algorithm(): string {
    return this.#key.asymmetricKeyType === "ec" ? "ES256" : "RS256";
  }

  /** A token for `audience` with what the app registration was granted as `roles`. */
  issue(tenant: TenantState, { clientId, permissions }: Registration, audience: string, now: number): string {
    const seconds = Math.floor(now / 1000);
    const claims = {
      aud: audience,
      iss: `https://sts.windows.net/${tenant.id}/`,
      iat: seconds,
      nbf: seconds - 300,
      exp: seconds + TOKEN_LIFETIME,
      app_displayname: "TenantPilot",
      appid: clientId,
      appidacr: "1",
      idtyp: "app",
      oid: clientId,
      roles: permissions,
      sub: clientId,
      tid: tenant.id,
      uti: randomUUID(),
      ver: "1.0",
      generation: tenant.tokenGeneration,
    };
    const head = encodePart({ typ: "JWT", alg: this.#algorithm, kid: "graph-sandbox" });
    const content = `${head}.${encodePart(claims)}`;
    const signature = sign("sha256", Buffer.from(content), { key: this.#key, dsaEncoding: "ieee-p1363" });
    return `${content}.${signature.toString("base64url")}`;
  }

  /**
   * Who asks, from the Authorization header.
   * @throws GraphError 401 InvalidAuthenticationToken when the token is missing, foreign or expired
   */
  check(header: string | undefined, tenants: ReadonlyMap<string, TenantState>, now: number): Access {
    const token = /^Bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
    if (token === undefined) throw refused("Access token is empty.");
    const claims = this.#known.get(token) ?? this.#read(token);
    const tenant = tenants.get(claims.tid);
    const registration = tenant?.registration(claims.appid);
    if (!tenant || !registration) throw refused("Access token validation failure.");
    if (claims.exp * 1000 <= now || claims.generation < tenant.tokenGeneration) {
      this.#known.delete(token);
      throw refused("Lifetime validation failed, the token is expired.");
    }
    // Consent that was taken back counts at once; what was granted since needs a new token.
    const roles = claims.roles.filter((role) => registration.permissions.includes(role));
    return { tenant, clientId: claims.appid, roles };
  }

  #read(token: string): Claims {
    const [head, body, signature, ...more] = token.split(".");
    if (!head || !body || !signature || more.length > 0)
      throw refused("CompactToken parsing failed with error code: 80049217");
    const right = verify(
      "sha256",
      Buffer.from(`${head}.${body}`),
      { key: this.#publicKey, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    );
    if (!right) throw refused("Access token validation failure. Invalid signature.");
    const claims = decodePart(body) as unknown as Claims;
    if (this.#known.size > 1000) this.#known.clear();
    this.#known.set(token, claims);
    return claims;
  }
}
