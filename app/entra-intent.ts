import { decode, encode } from "next-auth/jwt";
import { z } from "zod";
import { entraIntentMinutes } from "#lib/limits";
import { cookieIn, sealingSecret, sessionCookie } from "./session-cookie.ts";

const intentSchema = z.discriminatedUnion("for", [
  z.object({ for: z.literal("sign_in") }),
  z.object({ for: z.literal("invitation"), token: z.string().max(100) }),
  /** By this session, whose person has just entered their password, as they were then. */
  z.object({ for: z.literal("link"), session_id: z.int(), session_version: z.int() }),
]);

/** What somebody wants who is sent to Microsoft. */
export type EntraIntent = z.infer<typeof intentSchema>;

/** As long as next-auth waits for them to come back, in seconds. */
const intentSeconds = entraIntentMinutes * 60;

/** Sets it apart from a session, which is sealed with the same secret. */
const salt = "tenantpilot.entra-intent";

/** The cookie in which the browser keeps the intent, sealed, until it is back from Microsoft. */
export function intentCookie() {
  const { secure } = sessionCookie().options;
  return {
    name: `${secure ? "__Host-" : ""}tenantpilot.entra-intent`,
    options: { httpOnly: true, sameSite: "lax" as const, path: "/", secure, maxAge: intentSeconds },
  };
}

/** The value of the intent's cookie. @throws Error when it is none, or too long for a cookie */
export function sealIntent(intent: EntraIntent): Promise<string> {
  return encode({ token: intentSchema.parse(intent), secret: sealingSecret(), maxAge: intentSeconds, salt });
}

/** The intent that a request's cookie holds; to sign in when there is none. */
export async function intentIn(headers: Pick<Headers, "get">): Promise<EntraIntent> {
  const token = cookieIn(headers, intentCookie().name);
  const opened = token ? await decode({ token, secret: sealingSecret(), salt }).catch(() => null) : null;
  return intentSchema.safeParse(opened).data ?? { for: "sign_in" };
}
