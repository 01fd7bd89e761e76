import fc from "fast-check";
import type { OpenApiDocument } from "#lib/http/openapi";

/** Who sends a request: nobody, a role by token or by session, or somebody who is not who they say. */
export const senders = [
  "nobody",
  "token of readonly",
  "token of operator",
  "token of manager",
  "token of owner",
  "token of another tenant",
  "token that is none",
  "session of readonly",
  "session of owner",
  "session of a platform administrator",
  "session sent by another site",
  "session that is none",
] as const;
export type Sender = (typeof senders)[number];

/** A request as it goes over the wire, but for what proves who sends it. */
export interface HostileRequest {
  /** What it was made from: an operationId, a page, an action. */
  of: string;
  sender: Sender;
  method: string;
  /** Path and query, from the root. */
  target: string;
  headers: Record<string, string>;
  /** The bytes of the body; null for none. */
  body: Buffer | null;
  /** The body is sent in chunks, with no length announced. */
  isChunked: boolean;
}

/** What there is, for most requests to be about. */
export interface Targets {
  tenantId: number;
  foreignTenantId: number;
  /** Ids for the parameters of paths and the fields of bodies, by name as in paths: `scheduleId`. */
  ids: Readonly<Record<string, readonly number[]>>;
  /** Tenants that platform administrators may archive and delete. */
  expendableTenantIds: readonly number[];
}

type Schema = { [key: string]: unknown };
type Any = fc.Arbitrary<unknown>;

const huge = "9".repeat(400);
const long = "n".repeat(20_000);
const hostileTexts = [
  ...["", " ", "0", "-1", "007", "1e3", "2147483648", "9007199254740993", huge, "NaN", "null", "undefined"],
  ...[
    "\u0000",
    "a\u0000b",
    "%00",
    "%",
    "%zz",
    "%ff",
    "..",
    "../..",
    "./",
    "\\",
    "//",
    "?",
    "#",
    ";",
    "&",
    "=",
  ],
  ...["\ud800", "x\udfff", "\u202e", "\u200b", "\ufeff", "e\u0301", "𝕏", "🏳️‍🌈", "\r\nX: y", "\u2028"],
  ...["' OR 1=1 --", '"', "`", "$1", "{{7*7}}", "<img src=x>", "=1+1", "%s%n", "\\u0000"],
  ...["__proto__", "constructor", "toString", "true", "[object Object]", "[]", "{}", "*", "(", long],
];
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostileTexts) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
);
const extremes = [
  0,
  -0,
  -1,
  1,
  2,
  0.5,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e21,
  1e308,
  Number.MIN_VALUE,
];

/** Something that is nearly never what was asked for. */
const wrong: Any = fc.oneof(
  text,
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], [{}], { $ne: 1 }, { length: 1e9 }),
  fc.constantFrom(...extremes),
  fc.jsonValue({ maxDepth: 3 }) as Any,
);

/**
 * Requests that an attacker could send: made from the API's description, the pages and the server actions, mostly well
 * formed as to what they are for, and in one or more ways not.
 */
export function hostileRequests(
  targets: Targets,
  { api, pages, actions }: Sources,
): fc.Arbitrary<HostileRequest> {
  const bodies = bodiesOf(api);
  const sources: fc.MaybeWeightedArbitrary<HostileRequest>[] = [
    { weight: 10, arbitrary: apiRequests(targets, api) },
  ];
  if (pages.length > 0) sources.push({ weight: 3, arbitrary: pageRequests(targets, api, pages) });
  if (pages.length > 0) sources.push({ weight: 2, arbitrary: authRequests() });
  if (actions.length > 0) sources.push({ weight: 4, arbitrary: actionRequests(targets, actions, bodies) });
  return fc.oneof(...sources);
}

/** What requests are made from. */
export interface Sources {
  api: OpenApiDocument;
  /** Paths of pages with their parameters in brackets: `/tenants/[tenantId]/runs`. */
  pages: readonly string[];
  actions: readonly { id: string; name: string; page: string }[];
}

const sender = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Sender>("token of owner") },
  { weight: 3, arbitrary: fc.constant<Sender>("session of owner") },
  { weight: 2, arbitrary: fc.constantFrom<Sender>("session of a platform administrator") },
  { weight: 8, arbitrary: fc.constantFrom<Sender>(...senders) },
);

function apiRequests(targets: Targets, { paths, components }: OpenApiDocument): fc.Arbitrary<HostileRequest> {
  const schemas = components.schemas as Record<string, Schema>;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  return fc.constantFrom(...operations).chain(({ method, path, operation }) => {
    const { operationId, parameters, requestBody } = operation;
    const isPlatform = path.startsWith("/platform");
    const segments = pathIds(path, isPlatform ? platformTargets(targets) : targets);
    const named = (place: string) => parameters.filter((each) => each.in === place);
    const known = fc.record(
      Object.fromEntries(named("query").map(({ name, schema }) => [name, described(schema, schemas, name)])),
      { requiredKeys: named("query").flatMap(({ name, required }) => (required ? [name] : [])) },
    ) as fc.Arbitrary<Record<string, unknown>>;
    const unknown = fc.dictionary(
      fc.oneof(fc.constantFrom("limit", "color", "__proto__", "tenant_id"), fc.constant("cursor")),
      fc.oneof(text, cursor()),
      { minKeys: 1, maxKeys: 2 },
    ) as fc.Arbitrary<Record<string, unknown>>;
    const query = fc.oneof(
      { weight: 5, arbitrary: known },
      { weight: 1, arbitrary: fc.tuple(known, unknown).map(([some, more]) => ({ ...some, ...more })) },
    );
    const schema = requestBody?.content["application/json"]?.schema;
    const body = schema
      ? jsonBody(described(schema as Schema, schemas), targets)
      : fc.oneof({ weight: 9, arbitrary: noBody }, { weight: 1, arbitrary: jsonBody(wrong, targets) });
    const methods = fc.oneof(
      { weight: 19, arbitrary: fc.constant(method) },
      { weight: 1, arbitrary: fc.constantFrom("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST", "GET") },
    );
    return fc
      .record({ sender, method: methods, segments, query: queryText(query), headers: headers(), body })
      .map((made) => ({
        of: operationId,
        sender: made.sender,
        method: made.method,
        target: `/api${made.segments}${made.query}`,
        headers: { ...made.headers, ...made.body.headers },
        body: made.method === "GET" || made.method === "HEAD" ? null : made.body.bytes,
        isChunked: made.body.isChunked,
      }));
  });
}

const pageQueries = [
  ...[
    "search",
    "type",
    "policy_type",
    "cursor",
    "from",
    "to",
    "status",
    "trigger",
    "schedule",
    "group",
    "actor",
  ],
  ...[
    "action",
    "view",
    "bin",
    "range",
    "zone",
    "change",
    "next",
    "error",
    "microsoft",
    "callbackUrl",
    "_rsc",
  ],
];

function pageRequests(
  targets: Targets,
  { paths }: OpenApiDocument,
  pages: readonly string[],
): fc.Arbitrary<HostileRequest> {
  const names = new Set(pageQueries);
  for (const methods of Object.values(paths))
    for (const { parameters } of Object.values(methods))
      for (const each of parameters) if (each.in === "query") names.add(each.name);
  const query = fc
    .array(fc.tuple(fc.constantFrom(...names), fc.oneof(cursor(), text, id(targets, "scheduleId"))), {
      maxLength: 4,
    })
    .map((pairs) => Object.fromEntries(pairs));
  const asRouter = fc.record(
    {
      RSC: fc.constant("1"),
      "Next-Router-Prefetch": fc.constantFrom("1", "2", "x"),
      "Next-Router-State-Tree": fc.constantFrom(
        "x",
        "%5B%5D",
        encodeURIComponent('["",{},null,null,true]'),
        "%zz",
      ),
      "Next-Router-Segment-Prefetch": fc.constantFrom("/_tree", "/x", "..", "%00"),
      "Next-Url": fc.constantFrom("/tenants", "//", "x", "/tenants/1/runs/1"),
    },
    { requiredKeys: [] },
  );
  return fc.constantFrom(...pages).chain((page) =>
    fc
      .record({
        sender,
        method: fc.oneof(
          { weight: 15, arbitrary: fc.constant("GET") },
          { weight: 1, arbitrary: fc.constantFrom("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH") },
        ),
        segments: pathIds(page.replace(/\[(\w+)\]/g, "{$1}"), targets),
        query: queryText(query),
        headers: headers(),
        router: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: asRouter }),
      })
      .map((made) => ({
        of: page,
        sender: made.sender,
        method: made.method,
        target: `${made.segments}${made.query}`,
        headers: { ...made.headers, ...(made.router as Record<string, string>) },
        body: null,
        isChunked: false,
      })),
  );
}

const callbacks = [
  ...[
    "/",
    "/tenants",
    "//evil.example",
    "http://[",
    "javascript:x",
    "\u0000",
    "http://localhost:1",
    "/%0d%0a",
  ],
  ...["https://evil.example/", "http://localhost:4500.evil.example", "/\\evil.example", long],
];

/** What next-auth answers. Signing in with the right password is not among it. */
function authRequests(): fc.Arbitrary<HostileRequest> {
  const action = fc.constantFrom(
    ...[
      "csrf",
      "session",
      "providers",
      "signin",
      "signout",
      "error",
      "callback",
      "callback/credentials",
      "_log",
    ],
    ...[
      "signin/credentials",
      "signin/entra",
      "callback/entra",
      "callback/x",
      "verify-request",
      "%00",
      "..%2f",
      "a/b/c",
    ],
  );
  const fields = fc.dictionary(
    fc.constantFrom(
      "csrfToken",
      "email",
      "password",
      "callbackUrl",
      "json",
      "redirect",
      "code",
      "state",
      "error",
    ),
    fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: fc.constantFrom(...callbacks) }),
    { maxKeys: 5 },
  );
  const form = fields.map((record) => body(toForm(record), "application/x-www-form-urlencoded"));
  const posted = fc.oneof(form, jsonBody(fc.oneof(fields as Any, wrong)), noBody);
  const cookies = fc
    .tuple(
      fc.constantFrom(
        "next-auth.callback-url",
        "next-auth.csrf-token",
        "next-auth.state",
        "next-auth.pkce.code_verifier",
      ),
      fc.oneof(fc.constantFrom(...callbacks), text),
    )
    .map(([name, value]) => ({ Cookie: `${name}=${encodeURIComponent(value.toWellFormed())}` }));
  const none = fc.constant({});
  return fc
    .record({
      sender: fc.constantFrom<Sender>("nobody", "nobody", "session of owner", "session that is none"),
      method: fc.constantFrom("GET", "POST", "POST", "PUT", "HEAD"),
      action,
      query: queryText(fields),
      headers: headers(),
      cookies: fc.oneof(none, cookies),
      posted,
    })
    .map((made) => ({
      of: "next-auth",
      sender: made.sender,
      method: made.method,
      target: `/api/auth/${made.action}${made.query}`,
      headers: { ...made.headers, ...made.cookies, ...made.posted.headers },
      body: made.method === "GET" || made.method === "HEAD" ? null : made.posted.bytes,
      isChunked: made.posted.isChunked,
    }));
}

const flight = [
  ...[
    "$",
    "$$",
    "$F1",
    "$F",
    "$K1",
    "$Q1",
    "$W1",
    "$i1",
    "$B1",
    "$D2024-13-99",
    "$n1",
    "$nx",
    "$undefined",
    "$-0",
  ],
  ...[
    "$Infinity",
    "$NaN",
    "$@1",
    "$@",
    "$h1",
    "$1",
    "$1:constructor",
    "$0:0",
    "$1:__proto__:then",
    "$R1",
    "$T",
    "$A1",
  ],
];

/** Calls of the real server actions, whose arguments are what they never are. */
function actionRequests(
  targets: Targets,
  actions: Sources["actions"],
  bodies: readonly Any[],
): fc.Arbitrary<HostileRequest> {
  const fields = fc.dictionary(
    fc.constantFrom(
      ...[
        "tenant_id",
        "schedule_id",
        "schedule_ids",
        "run_id",
        "set_id",
        "user_id",
        "token_id",
        "name",
        "email",
        "role",
      ],
      ...[
        "password",
        "search",
        "policy_type",
        "notification_ids",
        "invitation_id",
        "__proto__",
        "then",
        "toJSON",
      ],
    ),
    fc.oneof(wrong, id(targets, "scheduleId"), fc.constantFrom(...flight)),
    { maxKeys: 5 },
  );
  const argument = fc.oneof(
    { weight: 3, arbitrary: fc.oneof(...bodies) },
    { weight: 3, arbitrary: fields as Any },
    { weight: 1, arbitrary: wrong },
    { weight: 1, arbitrary: fc.constantFrom(...flight) },
  );
  const list = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constant(targets.tenantId), argument) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom<unknown>(targets.foreignTenantId, 0, "1", null, {}), argument),
    },
    { weight: 3, arbitrary: fc.tuple(argument) },
    { weight: 1, arbitrary: fc.array(argument, { maxLength: 4 }) },
  );
  const plain = jsonBody(list).map(({ bytes, headers: { "Content-Type": _, ...more } = {}, ...rest }) => ({
    ...rest,
    bytes,
    headers: { ...more, "Content-Type": "text/plain;charset=UTF-8" },
  }));
  const multipart = fc
    .dictionary(
      fc.constantFrom("0", "1", "2", "1_email", "$ACTION_REF_1", "$ACTION_1:0", "$ACTION_KEY"),
      list,
      {
        maxKeys: 4,
      },
    )
    .map((parts) => multipartBody(parts));
  return fc.constantFrom(...actions).chain(({ id: actionId, name, page }) =>
    fc
      .record({
        sender,
        segments: pathIds(page.replace(/\[(\w+)\]/g, "{$1}"), targets),
        nextAction: fc.oneof(
          { weight: 12, arbitrary: fc.constant(actionId) },
          { weight: 1, arbitrary: headerText },
        ),
        headers: headers(),
        posted: fc.oneof(
          { weight: 5, arbitrary: plain },
          { weight: 1, arbitrary: multipart },
          { weight: 1, arbitrary: noBody },
        ),
      })
      .map((made) => ({
        of: name,
        sender: made.sender,
        method: "POST",
        target: made.segments,
        headers: { ...made.headers, ...made.posted.headers, "Next-Action": made.nextAction },
        body: made.posted.bytes,
        isChunked: made.posted.isChunked,
      })),
  );
}

function bodiesOf({ paths, components }: OpenApiDocument): Any[] {
  return Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ requestBody }) => requestBody?.content["application/json"]?.schema ?? [])
    .map((schema) => described(schema as Schema, components.schemas as Record<string, Schema>));
}

function platformTargets(targets: Targets): Targets {
  const ids = { ...targets.ids, tenantId: targets.expendableTenantIds };
  return { ...targets, tenantId: targets.expendableTenantIds[0] ?? 0, ids };
}

/** A path with something in place of each of its ids. */
function pathIds(template: string, targets: Targets): fc.Arbitrary<string> {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return fc
    .record(Object.fromEntries(names.map((name) => [name, segment(targets, name)])))
    .map((made) => template.replace(/\{(\w+)\}/g, (_, name: string) => made[name] ?? ""));
}

function segment(targets: Targets, name: string): fc.Arbitrary<string> {
  const encoded = text.map((each) => encodeURIComponent(each.toWellFormed()).slice(0, 2_000));
  const right = name === "tenantId" ? fc.constant(targets.tenantId) : id(targets, name);
  return fc.oneof(
    { weight: 24, arbitrary: right.map(String) },
    { weight: 1, arbitrary: fc.constant(String(targets.foreignTenantId)) },
    { weight: 1, arbitrary: encoded },
    {
      weight: 1,
      arbitrary: fc.constantFrom("%00", "%ff", "%2e%2e%2f", "%2F", "%25", "1%0a", "1;x", "1.0", "0x1"),
    },
  );
}

function id({ ids }: Targets, name: string): fc.Arbitrary<number> {
  const known = ids[name] ?? [];
  const other = fc.constantFrom(0, 1, 2, 3, 2_147_483_647, 2_147_483_648);
  return known.length > 0 ? fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...known) }, other) : other;
}

function cursor(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(
      "c0",
      "c1",
      "c2147483648",
      "c999999999999999999",
      "c-1",
      "c",
      "C1",
      "c1c1",
      "c1\u0000",
      "c٣",
    ),
    fc.nat().map((last) => `c${last}`),
    text,
  );
}

/** A query, of values as they are written in one; now and then a name twice, or what cannot be decoded. */
function queryText(query: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<string> {
  const spoilt = fc.constantFrom(
    "&limit=1&limit=2",
    "&%",
    "&%ff=%ff",
    "&a[]=1&a[]=2",
    "&=",
    "&search=%ed%a0%80",
    "&cursor",
  );
  return fc
    .tuple(query, fc.oneof({ weight: 9, arbitrary: fc.constant("") }, { weight: 1, arbitrary: spoilt }))
    .map(([record, tail]) => {
      const written = toForm(record).slice(0, 6_000);
      return written || tail ? `?${written}${tail}` : "";
    });
}

function toForm(record: Record<string, unknown>): string {
  return Object.entries(record)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)])
    .map((pair) => pair.map((each) => encodeURIComponent((each ?? "").toWellFormed())).join("="))
    .join("&");
}

/** What a header may hold on the wire. */
const headerText = fc.oneof(
  fc.constantFrom(
    "",
    "x",
    "*",
    '"1"',
    '"1-0"',
    'W/"1"',
    "a, b",
    '"',
    "\u00ff",
    "0",
    "true",
    "-1",
    "n".repeat(3_000),
  ),
  fc.string({ maxLength: 20 }).map((each) => each.replace(/[^\x20-\x7e]/g, "")),
);

function headers(): fc.Arbitrary<Record<string, string>> {
  const some = fc.record(
    {
      "If-Match": headerText,
      "If-None-Match": headerText,
      "Idempotency-Key": headerText,
      Accept: fc.constantFrom("*/*", "text/html", "application/json", "text/event-stream;q=0", "x", ""),
      "Accept-Encoding": fc.constantFrom("gzip", "br", "*", "identity;q=0", "x"),
      "Accept-Language": headerText,
      Range: fc.constantFrom("bytes=0-1", "bytes=9-1", "x"),
      "X-Forwarded-Host": fc.constantFrom("evil.example", "localhost", ""),
      "X-Forwarded-Proto": fc.constantFrom("https", "gopher", ""),
      "X-HTTP-Method-Override": fc.constantFrom("DELETE", "x"),
      "X-Middleware-Subrequest": fc.constantFrom("middleware", "src/middleware:src/middleware"),
      "X-Nextjs-Data": fc.constant("1"),
      "X-TenantPilot-Client": fc.constantFrom("192.0.2.1", "x"),
      "X-Request-Id": headerText,
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record<string, string>>;
  return fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: some });
}

interface Body {
  bytes: Buffer | null;
  headers: Record<string, string>;
  isChunked: boolean;
}

const noBody: fc.Arbitrary<Body> = fc.constant({ bytes: null, headers: {}, isChunked: false });

function body(written: string | Buffer, type: string): Body {
  return { bytes: Buffer.from(written), headers: { "Content-Type": type }, isChunked: false };
}

/** Ways to write JSON that a reader of it may stumble over. Each gets the text and gives the bytes. */
const spoilers: readonly ((json: string) => string | Buffer)[] = [
  (json) => json.slice(0, -1),
  (json) => `${json}${json}`,
  (json) => json.replace(/^\{/, '{"name":"twice","name":"twice",'),
  (json) => json.replace(/^\{/, '{"__proto__":{"role":"owner"},"constructor":1,'),
  (json) => json.replace(/^\{/, '{"color":"red",'),
  (json) => json.replace(/^\{/, `{"${"k".repeat(10_000)}":1,`),
  (json) => json.replace(/:("[^"]*"|\d+)/, ":1e999"),
  (json) => json.replace(/:("[^"]*"|\d+)/, `:${huge}`),
  (json) => json.replace(/:"[^"]*"/, ':"\\ud800"'),
  (json) => json.replace(/:"[^"]*"/, ':"a\\u0000b"'),
  (json) => json.replace(/:"[^"]*"/, `:"${"n".repeat(300_000)}"`),
  (json) => json.replace(/:("[^"]*"|\d+)/, `:${"[".repeat(20_000)}${"]".repeat(20_000)}`),
  (json) => json.replace(/:("[^"]*"|\d+)/, `:${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`),
  (json) => json.replace(/:("[^"]*"|\d+)/, `:[${"1,".repeat(50_000)}1]`),
  (json) => `\ufeff${json}`,
  (json) => Buffer.from(json, "utf16le"),
  (json) => Buffer.concat([Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from(json)]),
  () => "",
  () => Buffer.alloc(1_200_000, " "),
  () => "[".repeat(100_000),
];

const types = [
  ...[
    "application/json; charset=utf-16",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
  ],
  ...[
    "multipart/form-data; boundary=x",
    "application/merge-patch+json",
    "application/xml",
    "",
    "application/json,x",
  ],
];

/** A value as JSON; one in three spoilt on the way, some with a type or a coding that they do not have. */
function jsonBody(value: Any, targets?: Targets): fc.Arbitrary<Body> {
  const plain = fc.constant((json: string): string | Buffer => json);
  const type = fc.oneof(
    { weight: 12, arbitrary: fc.constant("application/json") },
    { weight: 1, arbitrary: fc.constantFrom(...types) },
  );
  const coding = fc.oneof(
    { weight: 20, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constantFrom({ "Content-Encoding": "gzip" }, { "Content-Encoding": "x" }) },
  );
  return fc
    .record({
      value: targets ? value.map((each) => withKnownIds(each, targets)) : value,
      spoil: fc.oneof(
        { weight: 5, arbitrary: plain },
        { weight: 1, arbitrary: fc.constantFrom(...spoilers) },
      ),
      type,
      coding,
      isChunked: fc.oneof(
        { weight: 5, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
    })
    .map((made) => ({
      bytes: Buffer.from(made.spoil(JSON.stringify(made.value) ?? "null") as string),
      headers: { "Content-Type": made.type, ...(made.coding as Record<string, string>) },
      isChunked: made.isChunked,
    }));
}

/** Lists of schedules that there are, or hardly any bulk request would do anything. */
function withKnownIds(value: unknown, { ids }: Targets): unknown {
  if (typeof value !== "object" || value === null || !("schedule_ids" in value)) return value;
  return { ...value, schedule_ids: (ids.scheduleId ?? []).slice(0, 3) };
}

function multipartBody(parts: Record<string, unknown>): Body {
  const boundary = "----hostile";
  const written = Object.entries(parts)
    .map(([name, value]) => {
      const said = typeof value === "string" ? value : JSON.stringify(value);
      return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${said.toWellFormed()}\r\n`;
    })
    .join("");
  return body(`${written}--${boundary}--\r\n`, `multipart/form-data; boundary=${boundary}`);
}

/** What makes a text one that its schema's pattern, or an operation, takes. */
const rightTexts: Record<string, readonly string[]> = {
  timezone: ["UTC", "Europe/Berlin", "Australia/Lord_Howe"],
  time_zone: ["UTC", "America/St_Johns"],
  time_of_day: ["02:00", "23:59:00", "02:30"],
  policy_types: ["settingsCatalogPolicy", "conditionalAccessPolicy"],
  policy_type: ["settingsCatalogPolicy", "conditionalAccessPolicy"],
  email: ["a@expendable.example", "b@expendable.example"],
  owner_email: ["c@expendable.example"],
};

/** Mostly what a schema describes. @param name of the field that it is of */
function described(schema: Schema, schemas: Record<string, Schema>, name = ""): Any {
  return fc.oneof({ weight: 40, arbitrary: rightly(schema, schemas, name) }, { weight: 1, arbitrary: wrong });
}

function rightly(schema: Schema, schemas: Record<string, Schema>, name: string): Any {
  const { $ref, const: only, enum: values, anyOf, oneOf, type, format, properties, required, items } = schema;
  if (typeof $ref === "string") return rightly(schemas[$ref.split("/").at(-1) ?? ""] ?? {}, schemas, name);
  if (only !== undefined) return fc.constant(only);
  if (Array.isArray(values) && values.length > 0) return fc.constantFrom(...(values as unknown[]));
  const choices = (anyOf ?? oneOf) as Schema[] | undefined;
  if (choices) return fc.oneof(...choices.map((each) => rightly(each, schemas, name)));
  if (Array.isArray(type))
    return fc.oneof(...type.map((each: unknown) => rightly({ ...schema, type: each }, schemas, name)));
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
    case "number":
      return fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 1, max: 7 }) },
        { weight: 1, arbitrary: fc.constantFrom(...extremes) },
      );
    case "array":
      return fc.uniqueArray(described((items ?? {}) as Schema, schemas, name), {
        minLength: 1,
        maxLength: 3,
        selector: (each) => JSON.stringify(each),
      });
    case "object":
      return fc.record(
        Object.fromEntries(
          Object.entries((properties ?? {}) as Record<string, Schema>).map(([field, each]) => [
            field,
            described(each, schemas, field),
          ]),
        ),
        { requiredKeys: (required ?? []) as string[] },
      );
  }
  if (format === "date-time" || format === "date")
    return fc.oneof(
      fc
        .date({ noInvalidDate: true, min: new Date("0001-01-01"), max: new Date("9999-12-31") })
        .map((date) => date.toISOString().slice(0, format === "date" ? 10 : undefined)),
      fc.constantFrom("2026-02-30", "-000001-01-01T00:00:00Z", "+275760-09-13T00:00:00Z"),
    );
  const right = rightTexts[name] ?? ["A name", "Another name", "2027-01-01T00:00:00Z"];
  return fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: text });
}
