import { z } from "zod";
import { clouds } from "#lib/graph/clouds";
import type { connectionTestView, connectionView } from "./views.ts";

const guid = (what: string) =>
  z
    .guid(`must be the ${what}, a GUID such as 11111111-2222-3333-4444-555555555555`)
    .overwrite((id) => id.toLowerCase())
    .meta({ description: `The ${what}` });

/** A tenant's connection to Microsoft Graph: form and action share this schema. */
export const connectionSchema = z.strictObject({
  cloud: z
    .enum(clouds, `must be one of ${clouds.join(", ")}`)
    .meta({ description: "Microsoft's cloud in which the tenant lives; sandbox where one runs" }),
  entra_tenant_id: guid("Entra tenant id (Directory id)"),
  client_id: guid("client id (Application id) of the app registration"),
  credential_kind: z
    .enum(["secret", "certificate"], "must be secret or certificate")
    .meta({ description: "How the app registration signs in" }),
  credential: z
    .string()
    .trim()
    .max(20_000, "is too long for a secret or a PEM certificate")
    .default("")
    .meta({
      description:
        "The client secret's value, or the certificate and its private key as PEM; empty keeps the stored one, if the rest stays",
    }),
  credential_expires_at: z.iso
    .datetime({ offset: true, error: "must be an instant such as 2027-05-31T00:00:00Z" })
    .transform((text) => new Date(text).toISOString())
    .nullable()
    .optional()
    .meta({
      description:
        "When the client secret expires, which Microsoft tells only people; null: not known. Left out with a stored secret, what was said stays. A certificate says it itself",
    }),
});

/** The connection as pages show it: never the credential. */
export type ConnectionView = z.infer<typeof connectionView>;

/**
 * What Test connection found. The optional permissions are never a reason for it to fail, and are left out where it could
 * not sign in, and in results from before there was such a question.
 */
export type ConnectionTest = z.infer<typeof connectionTestView>;

/** What a stored credential is good for. */
export type Registration = Pick<
  ConnectionView,
  "cloud" | "entra_tenant_id" | "client_id" | "credential_kind"
>;

/** Whether a credential that is stored for `one` may be kept for `other`: ids are compared as Entra does. */
export function isSameRegistration(one: Registration, other: Registration): boolean {
  const idsOf = ({ cloud, entra_tenant_id, client_id, credential_kind }: Registration) =>
    [cloud, entra_tenant_id.trim().toLowerCase(), client_id.trim().toLowerCase(), credential_kind].join();
  return idsOf(one) === idsOf(other);
}

/** A tenant of Microsoft's. */
export type EntraTenant = Pick<Registration, "cloud" | "entra_tenant_id">;

/** Whether two connections lead to the same tenant of Microsoft's: a credential is not taken from one to the other. */
export function isSameTenant(one: EntraTenant, other: EntraTenant): boolean {
  const idOf = (entraTenantId: string) => entraTenantId.trim().toLowerCase();
  return one.cloud === other.cloud && idOf(one.entra_tenant_id) === idOf(other.entra_tenant_id);
}
