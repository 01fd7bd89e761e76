import { env } from "#lib/env";
import { sslModes } from "./ssl-modes.ts";

/**
 * The address as the driver gets it, for every connection of the service. Of the modes of TLS, prefer, require and verify-ca
 * mean verify-full to the driver of today and something weaker to that of tomorrow: the one that is meant is named.
 * @param url of PostgreSQL, as a setting has it
 * @throws Error in one line when its sslmode is none
 */
export function connectionAddress(url: string): string {
  const parsed = parse(url);
  if (!parsed) return url;
  const mode = parsed.searchParams.get("sslmode");
  if (mode === null || parsed.searchParams.get("uselibpqcompat") === "true") return url;
  const meant = sslModes.get(mode);
  if (meant === undefined) throw new Error(`sslmode=${mode} is none of ${[...sslModes.keys()].join(", ")}.`);
  if (meant === mode) return url;
  parsed.searchParams.set("sslmode", meant);
  return parsed.href;
}

/**
 * Where PostgreSQL itself is for the login of this process, past a pooler that stands at DATABASE_URL. Without
 * DATABASE_DIRECT_URL nothing is known to stand there.
 */
export function directAddress(): string {
  const { DATABASE_URL, DATABASE_DIRECT_URL: direct } = env();
  return connectionAddress(direct ? withLogin(direct, DATABASE_URL) : DATABASE_URL);
}

/**
 * Where PostgreSQL itself is for another login, such as the owner's.
 * @param url with the login
 * @param direct DATABASE_DIRECT_URL
 */
export function directAddressOf(url: string, direct: string | undefined): string {
  if (!direct) return url;
  const bare = new URL(direct);
  bare.username = "";
  bare.password = "";
  return withLogin(bare.href, url);
}

/** An address that names nobody, with the name and password of another one. */
function withLogin(address: string, login: string): string {
  const parsed = new URL(address);
  if (parsed.username !== "") return address;
  const { username, password } = new URL(login);
  parsed.username = username;
  parsed.password = password;
  return parsed.href;
}

/** The driver also takes the path of a socket. */
function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
