import { GraphError } from "./http-error.ts";
import { type GraphObject, isObject, type Json, typeName } from "./json.ts";

/** One name of `$expand`, with the options in its parentheses. */
export interface Expand {
  name: string;
  /** `microsoft.graph.type/name`: only objects of the type have it. */
  cast: string | undefined;
  select: string[] | undefined;
  expand: Expand[];
}

export interface Query {
  top: number | undefined;
  /** Where to go on: an object's index, or a position among children. */
  skipToken: number;
  /** `$skip`: how many to leave out first. */
  skip: number;
  select: string[] | undefined;
  expand: Expand[];
  filter: ((object: GraphObject) => boolean) | undefined;
  orderBy: { name: string; descending: boolean } | undefined;
  count: boolean;
}

const bad = (message: string) => new GraphError(400, "BadRequest", message);

/** Splits at a separator outside parentheses and quotes. */
function splitTop(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "'") quoted = !quoted;
    if (quoted) continue;
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (depth === 0 && text.startsWith(separator, at)) {
      parts.push(text.slice(start, at));
      start = at + separator.length;
    }
  }
  if (depth !== 0 || quoted) throw bad(`Syntax error: unbalanced parentheses or quotes in '${text}'.`);
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function parseExpand(text: string): Expand[] {
  return splitTop(text, ",").map((item) => {
    const match = /^([\w./]+)(?:\((.*)\))?$/s.exec(item);
    if (!match?.[1]) throw bad(`Syntax error in $expand at '${item}'.`);
    const [, cast, name = ""] = /^(?:microsoft\.graph\.(\w+)\/)?(\w+)$/.exec(match[1]) ?? [];
    if (name === "") throw bad(`Syntax error in $expand at '${item}'.`);
    const result: Expand = { name, cast, select: undefined, expand: [] };
    for (const option of splitTop(match[2] ?? "", ";")) {
      const [name, value = ""] = option.split(/=(.*)/s);
      if (name === "$select") result.select = splitTop(value, ",");
      else if (name === "$expand") result.expand = parseExpand(value);
      else throw bad(`The query option '${name}' is not supported inside $expand.`);
    }
    return result;
  });
}

function valueAt(object: GraphObject, path: string): Json | undefined {
  let value: Json | undefined = object;
  // A cast before a property: objects of other types have none of the name.
  const names = path.split("/").filter((name) => !name.startsWith("microsoft.graph."));
  for (const name of names) value = isObject(value) ? value[name] : undefined;
  return value;
}

type Predicate = (object: GraphObject) => boolean;

function literal(text: string): string | number | boolean | null {
  if (/^'.*'$/s.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (text === "null") return null;
  if (text === "true" || text === "false") return text === "true";
  if (text !== "" && !Number.isNaN(Number(text))) return Number(text);
  throw bad(`Invalid filter clause: unrecognized literal '${text}'.`);
}

/** So many values may stand in the parentheses of `in`. */
const MOST_IN = 15;

/**
 * The part of `$filter` that tools use against policies: eq, ne, isof, startswith, contains, and, or, not; against
 * logs: ge, gt, le, lt of times; against the directory: in.
 */
function parseFilter(text: string): Predicate {
  const either = splitTop(text, " or ");
  if (either.length > 1) {
    const predicates = either.map(parseFilter);
    return (object) => predicates.some((predicate) => predicate(object));
  }
  const both = splitTop(text, " and ");
  if (both.length > 1) {
    const predicates = both.map(parseFilter);
    return (object) => predicates.every((predicate) => predicate(object));
  }
  const negated = /^not\s*(.+)$/s.exec(text);
  if (negated?.[1] && /^not[\s(]/.test(text)) {
    const predicate = parseFilter(negated[1]);
    return (object) => !predicate(object);
  }
  if (text.startsWith("(") && text.endsWith(")")) return parseFilter(text.slice(1, -1));
  const isof = /^isof\('#?microsoft\.graph\.(\w+)'\)$/.exec(text);
  if (isof) return (object) => typeName(object) === isof[1];
  const call = /^(startswith|contains)\(([\w/]+),\s*('.*')\)$/s.exec(text);
  if (call?.[2] && call[3]) {
    const [, name, path] = call;
    const wanted = String(literal(call[3])).toLowerCase();
    return (object) => {
      const value = valueAt(object, path);
      if (typeof value !== "string") return false;
      return name === "startswith"
        ? value.toLowerCase().startsWith(wanted)
        : value.toLowerCase().includes(wanted);
    };
  }
  const comparison = /^([\w./]+)\s+(eq|ne)\s+(.+)$/s.exec(text);
  if (comparison?.[1] && comparison[3]) {
    const [, path, operator] = comparison;
    const wanted = literal(comparison[3].trim());
    const same = (value: Json | undefined) =>
      typeof value === "string" && typeof wanted === "string"
        ? value.toLowerCase() === wanted.toLowerCase()
        : (value ?? null) === wanted;
    return (object) => same(valueAt(object, path)) === (operator === "eq");
  }
  const member = /^([\w/]+)\s+in\s*\((.+)\)$/s.exec(text);
  if (member?.[1] && member[2]) {
    const path = member[1];
    const wanted = splitTop(member[2], ",").map((item) => String(literal(item)).toLowerCase());
    if (wanted.length > MOST_IN) {
      throw bad(
        `Too many child clauses specified in search filter expression containing 'OR' operators: ${wanted.length}. Max allowed: ${MOST_IN}.`,
      );
    }
    const known = new Set(wanted);
    return (object) => known.has(String(valueAt(object, path)).toLowerCase());
  }
  const instant = /^([\w/]+)\s+(ge|gt|le|lt)\s+(\d{4}-\d\d-\d\dT[\d:.]+Z)$/.exec(text);
  if (instant?.[1] && instant[2] && instant[3]) {
    const [, path, operator, wanted] = instant;
    const limit = Date.parse(wanted);
    if (Number.isNaN(limit)) throw bad(`Invalid filter clause: unrecognized literal '${wanted}'.`);
    return (object) => {
      const at = Date.parse(String(valueAt(object, path)));
      if (operator === "ge") return at >= limit;
      if (operator === "gt") return at > limit;
      return operator === "le" ? at <= limit : at < limit;
    };
  }
  throw bad(`Invalid filter clause: '${text}'.`);
}

function whole(name: string, value: string, low: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < low) throw bad(`Invalid value '${value}' for $${name} query option.`);
  return number;
}

const SKIP_TOKEN_PREFIX = "LastIndex=";

/** `[cosmosdb]+RID/…` encoded twice in part: whoever decodes and encodes it on the way sends another text. */
const ENCODED_TOKEN = /^%255Bcosmosdb%255D\+RID%2F(\d+)%253D%253D$/;

/** An opaque continuation, as Graph's are, and as it stands in a URL. */
export function skipToken(position: number, encoded: boolean): string {
  if (encoded) return `%255Bcosmosdb%255D+RID%2F${position}%253D%253D`;
  return Buffer.from(`${SKIP_TOKEN_PREFIX}${position}`).toString("base64url");
}

/** @param token as it stands in the URL */
function readSkipToken(token: string): number {
  const encoded = ENCODED_TOKEN.exec(token);
  if (encoded?.[1] !== undefined) return Number(encoded[1]);
  const text = Buffer.from(token, "base64url").toString();
  if (!text.startsWith(SKIP_TOKEN_PREFIX)) throw bad("The $skiptoken query option is not valid.");
  return whole("skiptoken", text.slice(SKIP_TOKEN_PREFIX.length), 0);
}

/**
 * A query's options, decoded, but for the continuation: it stays byte for byte.
 * @param search with or without `?`
 */
export function optionsOf(search: string): URLSearchParams {
  const options = new URLSearchParams(search);
  const token = /[?&](?:\$|%24)?skiptoken=([^&]*)/i.exec(search.startsWith("?") ? search : `?${search}`)?.[1];
  if (token !== undefined) {
    for (const name of [...options.keys()]) {
      if (/^\$?skiptoken$/i.test(name)) options.set(name, token);
    }
  }
  return options;
}

/** The options of {@link optionsOf} as they stand in a URL, without `?`. */
export function searchOf(options: Iterable<[string, string]>): string {
  return [...options]
    .map(([name, value]) =>
      /^\$?skiptoken$/i.test(name) ? `${name}=${value}` : `${name}=${encodeURIComponent(value)}`,
    )
    .join("&");
}

function parseOrder(text: string, names: readonly string[]): Query["orderBy"] {
  const [, name = "", direction = "asc"] = /^(\w+)(?:\s+(asc|desc))?$/.exec(text.trim()) ?? [];
  if (!names.includes(name)) throw bad(`The $orderby expression '${text}' is not supported.`);
  return { name, descending: direction === "desc" };
}

/** Words as the directory's index has them: apart at spaces, symbols, digits, and where small letters become capitals. */
function wordsOf(text: string): string[] {
  return (text.match(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+|\p{L}+/gu) ?? []).map((word) =>
    word.toLowerCase(),
  );
}

/** `"displayName:words"`: each of the words begins a word of the property, in any order. */
function parseSearch(text: string, { eventual }: { eventual: boolean }): Predicate {
  if (!eventual)
    throw new GraphError(
      400,
      "Request_UnsupportedQuery",
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    );
  const [, property, words] = /^"(displayName|description):((?:[^"\\]|\\.)+)"$/s.exec(text.trim()) ?? [];
  if (property === undefined || words === undefined)
    throw bad(`Unrecognized query argument specified: '$search=${text}'.`);
  const wanted = wordsOf(words.replaceAll(/\\(.)/gs, "$1"));
  return (object) => {
    const has = wordsOf(String(object[property] ?? ""));
    return wanted.every((word) => has.some((each) => each.startsWith(word)));
  };
}

/**
 * The OData options of a request.
 * @param supported properties that `$orderby` may name; whether the caller of `$search` takes a consistency that is
 *   eventual. Without them the options are refused
 * @throws GraphError 400 for options that are malformed or that the sandbox does not know
 */
export function parseQuery(
  parameters: URLSearchParams,
  supported: { orderBy?: readonly string[]; search?: { eventual: boolean } } = {},
): Query {
  const query: Query = {
    top: undefined,
    skipToken: 0,
    skip: 0,
    select: undefined,
    expand: [],
    filter: undefined,
    orderBy: undefined,
    count: false,
  };
  let searched: Predicate | undefined;
  for (const [given, value] of parameters) {
    // Graph takes the names without the dollar sign too.
    const name = given.toLowerCase().replace(/^\$/, "");
    if (name === "top") query.top = Math.min(whole(name, value, 1), 1000);
    else if (name === "skip") query.skip = whole(name, value, 0);
    else if (name === "skiptoken") query.skipToken = readSkipToken(value);
    else if (name === "select") query.select = splitTop(value, ",");
    else if (name === "expand") query.expand = parseExpand(value);
    else if (name === "filter") query.filter = parseFilter(value.trim());
    else if (name === "count") query.count = value === "true";
    else if (name === "orderby" && supported.orderBy) query.orderBy = parseOrder(value, supported.orderBy);
    else if (name === "search" && supported.search) searched = parseSearch(value, supported.search);
    else if (given.startsWith("$"))
      throw bad(`Query option '${given}' was not recognized or is not supported.`);
  }
  if (searched) {
    const [found, kept] = [searched, query.filter];
    query.filter = (object) => found(object) && (kept?.(object) ?? true);
  }
  return query;
}
