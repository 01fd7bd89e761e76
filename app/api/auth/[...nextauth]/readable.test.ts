import { expect, test } from "vitest";
import { AppError } from "#lib/errors";
import { requireReadable } from "./readable.ts";

const origin = "http://localhost:3000";

function ask(method: string, path: string, init: RequestInit = {}): Promise<void> {
  const request = new Request(`${origin}/api/auth/${path}`, { method, ...init });
  return requireReadable(request, path.split("?")[0]?.split("/") ?? []);
}

const form = (body: string) => ({ body, headers: { "Content-Type": "application/x-www-form-urlencoded" } });
const json = (body: string) => ({ body, headers: { "Content-Type": "application/json" } });
const cookie = (value: string) => ({ headers: { Cookie: `a=b; ${value}` } });
const post = "callback/credentials";

test.each<[string, string, RequestInit, string]>([
  ["GET", "csrf?callbackUrl=http://[", {}, "MALFORMED_REQUEST"],
  ["GET", "csrf?callbackUrl=http://%5B%0A%7B%22level%22:30%7D%0A", {}, "MALFORMED_REQUEST"],
  ["GET", "csrf?callbackUrl=javascript:x", {}, "MALFORMED_REQUEST"],
  ["GET", "csrf", cookie("next-auth.callback-url=javascript:x"), "MALFORMED_REQUEST"],
  ["GET", "session", cookie("__Secure-next-auth.callback-url=http%3A%2F%2F%5B"), "MALFORMED_REQUEST"],
  ["GET", "session", cookie("next-auth.callback-url=%zz"), "MALFORMED_REQUEST"],
  ["GET", post, {}, "METHOD_NOT_ALLOWED"],
  ["GET", "nothing", {}, "NOT_FOUND"],
  ["GET", "constructor", {}, "NOT_FOUND"],
  ["POST", "_log", form("level=error&code=x"), "NOT_FOUND"],
  ["POST", "csrf", form(""), "NOT_FOUND"],
  ["POST", "session", form(""), "NOT_FOUND"],
  ["POST", post, form("callbackUrl=http://localhost:4500.evil.com"), "MALFORMED_REQUEST"],
  ["POST", post, form("email=a%00@b"), "MALFORMED_REQUEST"],
  ["POST", post, json("{bad"), "MALFORMED_REQUEST"],
  ["POST", post, json("null"), "MALFORMED_REQUEST"],
  ["POST", post, json("[]"), "MALFORMED_REQUEST"],
  ["POST", post, json('{"callbackUrl":5}'), "MALFORMED_REQUEST"],
  ["POST", post, json('{"csrfToken":{"a":1}}'), "MALFORMED_REQUEST"],
])("%s %s %j is refused: %4$s", async (method, path, init, code) => {
  const error = await ask(method, path, init).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code });
});

test.each<[string, string, RequestInit]>([
  ["GET", "csrf", {}],
  ["GET", "csrf?callbackUrl=/tenants", {}],
  ["GET", "session", cookie(`next-auth.callback-url=${encodeURIComponent(origin)}`)],
  ["GET", "signin?callbackUrl=http://localhost:3000/tenants", {}],
  ["GET", "callback/entra?code=1&state=2", {}],
  ["POST", post, form("email=a@b&password=c&csrfToken=d&json=true")],
  ["POST", post, json('{"email":"a@b","password":"c","csrfToken":"d","json":true,"callbackUrl":"/tenants"}')],
  ["POST", "signout", form("csrfToken=d")],
  ["POST", "signout", {}],
])("%s %s %j is read", async (method, path, init) => {
  await expect(ask(method, path, init)).resolves.toBeUndefined();
});
