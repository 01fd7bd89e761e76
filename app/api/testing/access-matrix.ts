import { fewAtATime } from "#lib/access/few-at-a-time";
import { can, type Permission, personPermissions, type Role, roles } from "#lib/access/permissions";
import { hashToken } from "#lib/access/secret-token";
import type { DescribedEndpoint } from "#lib/http/route";
import { loadedOwnOperations } from "#lib/operation";
import type { World } from "#lib/testing/world";
import { sessionTicket } from "../../session-cookie.ts";
import { type Answer, api, browserHeaders, type RequestOptions, tokensOf } from "./client.ts";

/** How somebody is known. */
const ways = [
  "session",
  "token",
  "initial password",
  "no second step",
  "expired session",
  "disabled account",
] as const;
type Way = (typeof ways)[number];

/** Those that get as far as an operation. */
const entering: ReadonlySet<Way> = new Set<Way>(["session", "token"]);

const places = ["own tenant", "foreign tenant", "no tenant"] as const;
type Place = (typeof places)[number];

interface Cell {
  endpoint: DescribedEndpoint;
  role: Role;
  place: Place;
  way: Way;
}

/**
 * Asks every endpoint as every role, in each place, known in each way, and holds each answer to what the table of
 * permissions says. A second step is required of administrators meanwhile.
 * @param endpoints those that want to know who asks; the operations that they serve are loaded
 * @param options.whole asks in every role too where the role cannot matter
 * @returns how many requests were sent, and in words which answers were wrong
 */
export async function tryAccessMatrix(
  world: World,
  endpoints: readonly DescribedEndpoint[],
  { whole }: { whole: boolean },
): Promise<{ cells: number; wrong: string[] }> {
  const credentials = await credentialsIn(world);
  const tenantIds = {
    "own tenant": world.tenant.id,
    "foreign tenant": world.foreign.id,
    "no tenant": 999_999,
  };
  // What has to stand in a query before anybody is asked what they may do: ids of nothing, as in the path.
  const queries: Readonly<Record<string, string>> = {
    compareBackupItems: "?with_set_id=999999&with_item_id=999999",
    compareTenants: `?with_tenant_id=${world.tenant.id}&with_set_id=999999`,
    getPolicyHistory: "?policy_type=none&graph_id=none",
  };
  // Words that nothing has: the answer is an empty one.
  const searches: Readonly<Record<string, string>> = {
    searchPolicyContents: "?search=nowhere",
    searchGroups: "?search=nowhere",
  };
  // No connection for writing is kept, and no baseline was chosen.
  const absent: Readonly<Record<string, string>> = {
    getWriteConnection: "404",
    forgetWriteConnection: "404",
    testWriteConnection: "409",
    getBaseline: "404",
    removeBaseline: "404",
  };
  // The ids are of nothing, and the bodies have a field that no body has: so answers who may.
  const allowed = ({ description: { body, path, id, answer } }: DescribedEndpoint) =>
    absent[id] ??
    (body ? "422" : /\{(?!tenantId)/.test(path) || id in queries ? "404" : String(answer.status));
  const actors = ownActors();
  const wrong: string[] = [];
  const ask = async (cell: Cell) => {
    const { endpoint, role, place, way } = cell;
    const { path, id, body } = endpoint.description;
    const filled = path.replace("{tenantId}", String(tenantIds[place])).replaceAll(/\{\w+\}/g, "999999");
    const answer = await api(endpoint.method, filled + (queries[id] ?? searches[id] ?? ""), {
      ...credentials[way][role],
      // A stream succeeds where it may, and would not end.
      signal: AbortSignal.abort(),
      ...(body ? { body: { no_body_has_this_field: true } } : {}),
    });
    const [is, should] = [inShort(answer), refusalOf(cell, actors.get(id)) ?? allowed(endpoint)];
    if (is !== should) wrong.push(`${id}, ${role}, ${place}, ${way}: ${is}, not ${should}`);
  };
  const few = fewAtATime(6);
  const cells = cellsOf(endpoints, whole);
  await Promise.all(cells.map((cell) => few(() => ask(cell))));
  return { cells: cells.length, wrong };
}

/**
 * Who is refused at the door is refused whatever they ask for, and who is no member of a tenant has no role there. One role
 * a place stands for the others then, another one at each endpoint, unless all are wanted: they take three times as long.
 */
function cellsOf(endpoints: readonly DescribedEndpoint[], whole: boolean): Cell[] {
  return endpoints.flatMap((endpoint, at) =>
    placesOf(endpoint).flatMap((place, beside) =>
      ways.flatMap((way, after) =>
        roles
          .filter(
            (_, which) =>
              whole || matters(endpoint, place, way) || which === (at + beside + after) % roles.length,
          )
          .map((role) => ({ endpoint, role, place, way })),
      ),
    ),
  );
}

/** Whether the role decides about the answer. */
function matters({ description }: DescribedEndpoint, place: Place, way: Way): boolean {
  return entering.has(way) && (place === "own tenant" || !description.path.includes("{tenantId}"));
}

function placesOf({ description }: DescribedEndpoint): readonly Place[] {
  return description.path.includes("{tenantId}") ? places : ["no tenant"];
}

/** What is to be refused, and how; null where the operation answers. */
function refusalOf(
  { endpoint, role, place, way }: Cell,
  ownActors: readonly string[] | undefined,
): string | null {
  if (way === "expired session" || way === "disabled account") return "401 session ended";
  if (way === "initial password") return "403 choose a password";
  if (way === "no second step") return "403 set up a second step";
  const { needs } = endpoint.description;
  if (needs === "caller")
    return ownActors?.includes(way === "token" ? "token" : "user") ? null : "403 not for tokens";
  if (needs === "platform") return "403 not an administrator";
  if (place !== "own tenant") return "404 no such tenant";
  if (way === "token" && personPermissions.has(needs as Permission)) return "403 not for tokens";
  return can(role, needs as Permission) ? null : "403 role";
}

/** The status, and which of the refusals with that status it is. */
function inShort({ status, json }: Answer): string {
  const refusals: [string, RegExp][] = [
    ["no such tenant", /^There is no such tenant, or you are not a member of it\.$/],
    ["role", /^The role "\w+" does not include /],
    ["not for tokens", /^An API token may not do this |^This is for user alone\.$/],
    ["not an administrator", /^This is for platform administrators alone, signed in\.$/],
    ["choose a password", /^Choose a password of your own first/],
    ["set up a second step", /^Set up two-step sign-in first/],
    ["session ended", /^Your session has ended\./],
  ];
  const [which] = refusals.find(([, words]) => words.test(json?.detail ?? "")) ?? [];
  return which ? `${status} ${which}` : String(status);
}

/** Whom each operation on what is one's own is for, by its address. */
function ownActors(): Map<string, readonly string[]> {
  return new Map(
    [...loadedOwnOperations().values()].flatMap(({ definition }) =>
      [definition.http ?? []].flat().map(({ operationId }) => [operationId, definition.actors] as const),
    ),
  );
}

async function credentialsIn(world: World): Promise<Record<Way, Record<Role, RequestOptions>>> {
  const tokens = await tokensOf(world.tenant);
  const signedIn = async (user_id: number) => ({ headers: await browserHeaders({ user_id }) });
  const ofEach = async (make: (role: Role) => Promise<RequestOptions>) =>
    Object.fromEntries(await Promise.all(roles.map(async (role) => [role, await make(role)]))) as Record<
      Role,
      RequestOptions
    >;
  return {
    session: await ofEach((role) => signedIn(world.tenant.actors[role].user_id)),
    token: await ofEach(async (role) => ({ token: tokens[role] })),
    "initial password": await ofEach(async (role) => signedIn(await anotherMember(world, role, "initial"))),
    "no second step": await ofEach(async (role) =>
      signedIn(await anotherMember(world, role, "administrator")),
    ),
    "expired session": await ofEach(async (role) => {
      const made = await signedIn(await anotherMember(world, role, "expired"));
      const ticket = await sessionTicket(new Headers(made.headers));
      await world.admin.query(
        "UPDATE sessions SET created_at = now() - interval '12 hours', ends_at = date_trunc('milliseconds', now()) WHERE secret_hash = $1",
        [hashToken(ticket?.secret ?? "")],
      );
      return made;
    }),
    "disabled account": await ofEach(async (role) => {
      const user_id = await anotherMember(world, role, "disabled");
      const made = await signedIn(user_id);
      await world.admin.query("UPDATE users SET disabled_at = now() WHERE id = $1", [user_id]);
      return made;
    }),
  };
}

async function anotherMember(
  { admin, tenant }: World,
  role: Role,
  what: "initial" | "administrator" | "expired" | "disabled",
): Promise<number> {
  const { rows } = await admin.query(
    `INSERT INTO users (email, name, password_hash, password_is_initial, is_platform_admin)
     VALUES ($1, $1, 'none', $2, $3) RETURNING id`,
    [`${role}.${what}@matrix.example`, what === "initial", what === "administrator"],
  );
  await admin.query("INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, $3)", [
    tenant.id,
    rows[0].id,
    role,
  ]);
  return rows[0].id;
}
