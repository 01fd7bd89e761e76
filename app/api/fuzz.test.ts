import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { securityEventsRecorded } from "#lib/audit/security";
import { encryptionKeyFault } from "#lib/encryption-key-check";
import { openApiDocument } from "#lib/http/openapi";
import { log } from "#lib/log";
import {
  type HostileRequest,
  hostileRequests,
  type Sender,
  type Targets,
} from "#lib/testing/hostile-requests";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { Writes } from "#lib/testing/writes";
import { served } from "./served.ts";
import { api, browserHeaders, tokensOf } from "./testing/client.ts";

const seed = 20_261_129;
const requests = 1_500;
/** They ask Microsoft, or never end. */
const leftOut = ["testConnection", "getReadiness", "watchTenant"];

const world = withWorld({ policies: 1 });

/** The headers by which somebody is known, or would be if they were true. */
async function proofs(): Promise<Record<Sender, Record<string, string>>> {
  const tokens = await tokensOf(world.tenant);
  const foreign = await tokensOf(world.foreign);
  const { readonly, owner } = world.tenant.actors;
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const administrator = world.foreign.actors.manager;
  await world.admin.query("UPDATE users SET is_platform_admin = true WHERE id = $1", [administrator.user_id]);
  const ofOwner = await browserHeaders(owner);
  return {
    nobody: {},
    "token of readonly": bearer(tokens.readonly),
    "token of operator": bearer(tokens.operator),
    "token of manager": bearer(tokens.manager),
    "token of owner": bearer(tokens.owner),
    "token of another tenant": bearer(foreign.owner),
    "token that is none": bearer(`${tokens.owner.slice(0, -8)}AAAAAAAA`),
    "session of readonly": await browserHeaders(readonly),
    "session of owner": ofOwner,
    "session of a platform administrator": await browserHeaders(administrator),
    "session sent by another site": { Cookie: ofOwner.Cookie ?? "", Origin: "https://evil.example" },
    "session that is none": { ...ofOwner, Cookie: `${ofOwner.Cookie?.slice(0, -6)}AAAAAA` },
  };
}

async function targets(): Promise<Targets> {
  const mine = await Promise.all(
    [1, 2, 3].map(() => makeSchedule(world.tenant.actors.manager, world.tenant.id)),
  );
  const theirs = await makeSchedule(world.foreign.actors.manager, world.foreign.id);
  const { rows } = await world.admin.query(
    "INSERT INTO tenants (name) SELECT 'Expendable ' || n FROM generate_series(1, 3) n RETURNING id",
  );
  const { rows: people } = await world.admin.query(`
    INSERT INTO users (email, name, password_hash)
    SELECT 'n' || n || '@expendable.example', 'Expendable', '-' FROM generate_series(1, 5) n RETURNING id`);
  const userIds = people.map(({ id }) => id);
  return {
    tenantId: world.tenant.id,
    foreignTenantId: world.foreign.id,
    expendableTenantIds: rows.map(({ id }) => id),
    ids: { scheduleId: [...mine, theirs].map(({ id }) => id), memberId: userIds, userId: userIds },
  };
}

/** What only gets to a route when the front door lets it through. */
function isReadable({ method, target }: HostileRequest): boolean {
  try {
    decodeURIComponent(target.split("?")[0] ?? "");
  } catch {
    return false;
  }
  return ["GET", "POST", "PUT", "PATCH", "DELETE"].includes(method);
}

test("of many requests that nobody should send, none is a fault of the server's, and what is refused writes nothing", {
  timeout: 600_000,
}, async () => {
  const errors = vi.spyOn(log, "error");
  const document = openApiDocument(
    (await served()).filter(({ description }) => !leftOut.includes(description.id)),
  );
  const proof = await proofs();
  const made = fc
    .sample(hostileRequests(await targets(), { api: document, pages: [], actions: [] }), {
      seed,
      numRuns: requests,
    })
    .filter(isReadable);
  // A web server does so when it starts; the first who asks notes its key.
  await encryptionKeyFault();
  const writes = new Writes(world.admin);
  await writes.watch();
  const faults: string[] = [];
  const answered = new Map<string, { status: number; method: string; shown: string }>();
  const send = async ({ of, sender, method, target, headers, body }: HostileRequest) => {
    const client = `2001:db8:${(answered.size + 1).toString(16)}::1`;
    const shown = `${of} as ${sender}: ${method} ${target.slice(0, 200)} ${body?.toString().slice(0, 200) ?? ""}`;
    const answer = { status: 0, method, shown };
    answered.set(client, answer);
    const sent = new Headers({ ...headers, ...proof[sender], "X-TenantPilot-Client": client });
    const { status, text } = await api(method, target.slice("/api".length), {
      headers: Object.fromEntries(sent),
      ...(body === null || method === "GET" ? {} : { rawBody: new Uint8Array(body) }),
    });
    answer.status = status;
    if (status >= 500) faults.push(`${status} to ${shown}: ${text}`);
  };
  const left = made.values();
  const sendOn = async () => {
    for (const request of left) await send(request);
  };
  await Promise.all(Array.from({ length: 4 }, sendOn));
  await securityEventsRecorded();
  for (const { client, table, what } of await writes.sinceLast()) {
    const { status = 0, method = "", shown = client } = answered.get(client) ?? {};
    if (status >= 400) faults.push(`${what} of ${table} by what was refused (${status}): ${shown}`);
    else if (method === "GET" && table !== "audit_log") faults.push(`${what} of ${table} by ${shown}`);
  }
  expect(faults).toEqual([]);
  expect(errors).not.toHaveBeenCalled();
  // What was sent was neither all good nor all refused at the door.
  const statuses = new Set([...answered.values()].map(({ status }) => status));
  expect([...statuses].sort()).toEqual(expect.arrayContaining([200, 201, 204, 400, 401, 403, 404, 422]));
});
