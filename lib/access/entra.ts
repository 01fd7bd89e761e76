import { z } from "zod";
import { env } from "#lib/env";

/** What the service needs to know of Microsoft Entra ID to let people sign in by it. */
export interface EntraSettings {
  clientId: string;
  clientSecret: string;
  /** The directory whose people it lets in: a GUID. */
  tenantId: string;
  /** What identity tokens name as their issuer, and where its description is found. */
  issuer: string;
}

/** A person as somebody vouches for them. */
export interface ExternalIdentity {
  issuer: string;
  /** What the issuer calls the person, and never anybody else. */
  subject: string;
  /** For a new account; null when the issuer says none. */
  name: string | null;
  claims: RoleClaims;
}

/** What roles in tenants may follow. */
export interface RoleClaims {
  /** Values of the app roles that the person is assigned. */
  roles: readonly string[];
  /** Object ids of the person's groups; null when there are too many of them for the token to say. */
  groups: readonly string[] | null;
}

const texts = z.array(z.string()).catch([]);

const entraClaims = z.object({
  iss: z.string(),
  tid: z.string(),
  oid: z.guid(),
  name: z.string().nullable().catch(null),
  roles: texts,
  groups: texts,
  hasgroups: z.unknown().optional(),
  _claim_names: z.object({ groups: z.unknown() }).partial().catch({}),
});

/** The settings of Entra sign-in; null when it is not set up. */
export function entraSettings(): EntraSettings | null {
  const {
    ENTRA_CLIENT_ID: clientId,
    ENTRA_CLIENT_SECRET: clientSecret,
    ENTRA_TENANT_ID,
    ENTRA_ISSUER,
  } = env();
  if (!clientId || !clientSecret || !ENTRA_TENANT_ID) return null;
  const tenantId = ENTRA_TENANT_ID.toLowerCase();
  const issuer = ENTRA_ISSUER ?? `https://login.microsoftonline.com/${tenantId}/v2.0`;
  return { clientId, clientSecret, tenantId, issuer: issuer.replace(/\/$/, "") };
}

/**
 * Who the claims of an identity token are about; its signature, audience, expiry and nonce were held already. The subject is
 * `oid`: the person's object in the directory, which is the same for each app registration, so that another one may take its
 * place; `sub` differs between them. E-mail addresses are not looked at: an administrator of the directory can give anybody
 * any of them.
 * @returns null when it is not of the directory in the settings, or does not say who it is about
 */
export function identityIn(claims: unknown, { issuer, tenantId }: EntraSettings): ExternalIdentity | null {
  const parsed = entraClaims.safeParse(claims);
  if (!parsed.success) return null;
  const { iss, tid, oid, name, roles, groups, hasgroups, _claim_names } = parsed.data;
  if (iss !== issuer || tid.toLowerCase() !== tenantId) return null;
  const tooMany = hasgroups !== undefined || _claim_names.groups !== undefined;
  return { issuer, subject: oid.toLowerCase(), name, claims: { roles, groups: tooMany ? null : groups } };
}
