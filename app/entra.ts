import type { OAuthConfig } from "next-auth/providers/oauth";
import { currentUser } from "#lib/access/current-user";
import { type EntraSettings, type ExternalIdentity, identityIn } from "#lib/access/entra";
import { linkIdentity, personOf } from "#lib/access/external-identities";
import type { SignedInUser } from "#lib/access/sign-in";
import { afterwards, recordSecurityEvent, strangers } from "#lib/audit/security";
import { AppError } from "#lib/errors";
import { clientOf } from "#lib/http/client-address";
import { log } from "#lib/log";
import { acceptByIdentity } from "#lib/members/accept-invitation";
import { followRoleRules } from "#lib/members/role-rules";
import { type EntraIntent, intentIn } from "./entra-intent.ts";
import { sessionTicket } from "./session-cookie.ts";

/**
 * Microsoft Entra ID as a provider of next-auth. It is asked who the person is and for nothing else: no e-mail, no access to
 * Microsoft Graph. The answer's code is bound to this browser (state), to this very request (nonce) and to who asked (PKCE).
 */
export function entraProvider({ clientId, clientSecret, issuer }: EntraSettings): OAuthConfig<object> {
  return {
    id: "entra",
    name: "Microsoft",
    type: "oauth",
    wellKnown: `${issuer}/.well-known/openid-configuration`,
    issuer,
    clientId,
    clientSecret,
    idToken: true,
    checks: ["pkce", "state", "nonce"],
    authorization: { params: { scope: "openid profile" } },
    httpOptions: { timeout: 10_000 },
    // Who it is for us, the database says (`enterByEntra`); next-auth wants an id.
    profile: () => ({ id: "entra" }),
  };
}

/**
 * What the proof of Entra is for: to sign in, to accept an invitation, or to link the identity to the person who is signed
 * in. Roles follow what Entra says before a session begins.
 * @param claims of the identity token
 * @param headers of the request that brought the proof
 * @returns the person, for a session; or the path of the page that says what became of it
 */
export async function enterByEntra(
  claims: unknown,
  settings: EntraSettings,
  headers: Pick<Headers, "get">,
): Promise<SignedInUser | string> {
  const intent = await intentIn(headers);
  const identity = identityIn(claims, settings);
  if (!identity) {
    noteStranger(headers);
    return pageOf(intent, "foreign");
  }
  try {
    if (intent.for === "link") return await link(intent, identity, headers);
    const person =
      intent.for === "invitation" ? await acceptByIdentity(intent.token, identity) : await personOf(identity);
    if (!person) {
      noteStranger(headers);
      return pageOf(intent, "unknown");
    }
    await followRoleRules(person.id, identity.claims);
    return person;
  } catch (error) {
    if (!(error instanceof AppError)) log.error({ err: error }, "signing in with Microsoft failed");
    return pageOf(intent, outcomeOf(error));
  }
}

function noteStranger(headers: Pick<Headers, "get">): void {
  const client = clientOf(headers);
  const distinct = strangers(client);
  afterwards(() =>
    recordSecurityEvent({ action: "sign_in.unknown", in: "platform", by: null, distinct }, client),
  );
}

/** The session that asked for the link is the one that gets it: nobody else has sat down meanwhile. */
async function link(
  intent: Extract<EntraIntent, { for: "link" }>,
  identity: ExternalIdentity,
  headers: Pick<Headers, "get">,
): Promise<string> {
  const ticket = await sessionTicket(headers);
  const user = ticket && (await currentUser(ticket, null));
  if (user?.session.id !== intent.session_id) return pageOf(intent, "failed");
  await linkIdentity({ id: user.id, session_version: intent.session_version }, identity);
  return pageOf(intent, "linked");
}

function outcomeOf(error: unknown): string {
  if (!(error instanceof AppError)) return "failed";
  return (
    { FORBIDDEN: "forbidden", CONFLICT: "conflict", NOT_FOUND: "unknown" }[error.code as string] ?? "failed"
  );
}

/** The page from which the person came, which says in words what became of it (components/microsoft/outcome). */
function pageOf(intent: EntraIntent, outcome: string): string {
  const path =
    intent.for === "link"
      ? "/profile"
      : intent.for === "invitation"
        ? `/invitations/${encodeURIComponent(intent.token)}`
        : "/sign-in";
  return `${path}?microsoft=${outcome}`;
}
