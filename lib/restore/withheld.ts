import { isSecret, withheldIn } from "#lib/policies/secrets";
import { type Document, isDocument, join, same } from "./document.ts";

/** Names of which an absent or empty value can be a secret: `disableAppPinIfDevicePinIsSet` is a switch of its own. */
const secretName = /password|passcode|secret|key$/i;

/** What people write, which may well be nothing but asterisks. */
const texts: ReadonlySet<string> = new Set(["displayName", "description", "name"]);

/** Wi-Fi that devices join with a key that all of them share. */
const withKey: ReadonlySet<unknown> = new Set(["wep", "wpaPersonal", "wpa2Personal", "wpa3Personal"]);

function securityOf(owner: Document): unknown {
  return owner.wiFiSecurityType ?? owner.wifiSecurityType ?? null;
}

function isMasked(owner: Document, key: string): boolean {
  return typeof owner[key] === "string" && key !== "value" && !texts.has(key) && isSecret(owner, key);
}

/**
 * The properties of an object that hold a secret which Graph keeps to itself: masked, or empty where the object itself
 * says that there is one. An empty one of which nothing says so is none: most are empty because nobody has set them.
 */
function secretsOf(owner: Document): string[] {
  const found = withheldIn(owner).filter(
    (key) =>
      isMasked(owner, key) ||
      (key !== "value" &&
        (owner[key] ?? null) === null &&
        secretName.test(key) &&
        (Object.hasOwn(owner, key) || owner[`${key}IsSet`] === true)),
  );
  const lacksKey = Object.hasOwn(owner, "preSharedKey") && owner.preSharedKey === null;
  return lacksKey && withKey.has(securityOf(owner)) ? [...new Set([...found, "preSharedKey"])] : found;
}

/** Whether a live object may hold the secret already: it does not where it says itself that it has none. */
function isHeld(live: Document, key: string): boolean {
  if ((live[key] ?? null) !== null || secretsOf(live).includes(key)) return true;
  if (live[`${key}IsSet`] === false) return false;
  if (key === "preSharedKey") return securityOf(live) === null;
  return key !== "sharedSecret" || (live.authenticationMethod ?? null) === null;
}

/**
 * Fills in the secrets of properties such as `preSharedKey`. What the live object holds stays as it is there.
 * @param live what the document is written over; null where it is made
 * @param sent names of the document's properties that are written with it
 * @param missing hears the path of each that nobody has given
 */
export function withWithheld(
  document: Document,
  live: Document | null,
  sent: readonly string[],
  given: ReadonlyMap<string, string>,
  missing: (path: string) => void,
): Document {
  const fill = (owner: Document, there: Document | null, at: string): Document => {
    const result: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(owner)) {
      if (at === "" && !sent.includes(name)) result[name] = value;
      else result[name] = visit(value, there?.[name], join(at, name));
    }
    const secrets = new Set(secretsOf(owner));
    for (const key of secrets) {
      if (at === "" && Object.hasOwn(owner, key) && !sent.includes(key)) continue;
      const secret = given.get(join(at, key));
      if (secret !== undefined) result[key] = secret;
      else if (there === null || !isHeld(there, key)) missing(join(at, key));
      else if (Object.hasOwn(there, key)) result[key] = there[key];
      else delete result[key];
    }
    // An empty value says nothing of one that is masked.
    for (const key of Object.keys(there ?? {}))
      if (there && isMasked(there, key) && !secrets.has(key) && (owner[key] ?? null) === null)
        result[key] = there[key];
    return result;
  };
  const visit = (value: unknown, there: unknown, at: string): unknown => {
    if (same(value, there)) return value;
    // Elements of a list are written whole, and so with their secrets.
    if (Array.isArray(value))
      return value.map((entry, index) => visit(entry, undefined, join(at, `${index}`)));
    return isDocument(value) ? fill(value, isDocument(there) ? there : null, at) : value;
  };
  return fill(document, live, "");
}

/** A request's body without what stands for secrets: neither a mask nor an empty value is ever written over one. */
export function withoutWithheld(body: Document): Document {
  const cleaned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(cleaned);
    if (!isDocument(value)) return value;
    const left = new Set(secretsOf(value));
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => (left.has(name) ? [] : [[name, cleaned(inner)]])),
    );
  };
  return cleaned(body) as Document;
}

/** Both documents without what the first has of such secrets: what was given cannot be compared with what Graph shows. */
export function blankWithheld(backup: Document, live: Document): [backup: Document, live: Document] {
  const paths = new Set<string>();
  const collect = (value: unknown, at: string): void => {
    if (Array.isArray(value))
      for (const [index, entry] of value.entries()) collect(entry, join(at, `${index}`));
    if (!isDocument(value)) return;
    for (const key of secretsOf(value)) paths.add(join(at, key));
    for (const [name, inner] of Object.entries(value)) collect(inner, join(at, name));
  };
  collect(backup, "");
  const blank = (value: unknown, at: string): unknown => {
    if (Array.isArray(value)) return value.map((entry, index) => blank(entry, join(at, `${index}`)));
    if (!isDocument(value)) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => {
        const path = join(at, name);
        return paths.has(path) ? [] : [[name, blank(inner, path)]];
      }),
    );
  };
  if (paths.size === 0) return [backup, live];
  return [blank(backup, "") as Document, blank(live, "") as Document];
}
