import { codeMinutes } from "#lib/limits";
import { cookieIn, sessionCookie } from "./session-cookie.ts";

/** The cookie by which the browser, after the right password, is the one that may enter the code. It is no session. */
export function pendingCookie() {
  const { secure } = sessionCookie().options;
  return {
    name: `${secure ? "__Host-" : ""}tenantpilot.sign-in`,
    options: { httpOnly: true, sameSite: "lax" as const, path: "/", secure, maxAge: codeMinutes * 60 },
  };
}

/** What a request's cookie says of the password that waits for its code. */
export function pendingIn(headers: Pick<Headers, "get">): string | undefined {
  return cookieIn(headers, pendingCookie().name);
}
