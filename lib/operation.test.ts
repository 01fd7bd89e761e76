import { glob } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { executorActor, retentionActor } from "#lib/access/actor";
import {
  can,
  canIn,
  type Permission,
  permissions,
  personPermissions,
  type Role,
  roles,
  systemPermissions,
} from "#lib/access/permissions";
import { hashToken, newToken } from "#lib/access/secret-token";
import { AppError } from "#lib/errors";
import { withWorld } from "#lib/testing/world";
import {
  loadedOperations,
  loadedOwnOperations,
  operation,
  operationInSteps,
  parseInput,
} from "./operation.ts";

const world = withWorld();

/** Loads every module of lib/, so that an operation cannot be forgotten by not being imported here. */
beforeAll(async () => {
  for await (const file of glob("lib/**/*.ts", {
    exclude: (path) => /generated|testing|sandbox|\.test\.ts/.test(path),
  })) {
    await import(pathToFileURL(file).href);
  }
});

/** An input that no operation accepts: all inputs are strict objects. It shows who got past the role check. */
const refused = { no_operation_has_this_field: true };

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "ANSWERED",
    (error) => (error instanceof AppError ? error.code : `${error}`),
  );
}

/** What there is, beside the records of refusals. */
async function fingerprint(): Promise<string> {
  const { rows } = await world.admin.query(`
    SELECT (SELECT count(*) FROM backup_schedules) AS schedules, (SELECT count(*) FROM audit_log WHERE action NOT LIKE 'access.%') AS audit,
           (SELECT count(*) FROM backup_schedule_runs) AS runs, (SELECT count(*) FROM api_tokens) AS tokens,
           (SELECT count(*) FROM notifications) AS notifications, (SELECT max(updated_at) FROM connections) AS connection`);
  return JSON.stringify(rows);
}

describe("every operation", () => {
  test("answers by role and tenant as the permission table says, and writes nothing but that it refused", async () => {
    const operations = [...loadedOperations().values()];
    expect(operations.length).toBeGreaterThan(30);
    const { rows: made } = await world.admin.query(
      `INSERT INTO api_tokens (tenant_id, name, role, token_hash, expires_at, created_by)
       VALUES ($1, 'script', 'owner', $2, now() + interval '1 day', $3) RETURNING id`,
      [world.tenant.id, hashToken(newToken()), world.tenant.actors.owner.user_id],
    );
    const ownersToken = { kind: "token" as const, token_id: made[0].id, tenant_id: world.tenant.id };
    const before = await fingerprint();
    let cases = 0;
    const wrong: string[] = [];
    for (const each of operations) {
      const { name, permission } = each.definition;
      for (const role of roles) {
        const actor = world.tenant.actors[role];
        const own = await codeOf(each(actor, world.tenant.id, refused));
        const foreign = await codeOf(each(actor, world.foreign.id, refused));
        const absent = await codeOf(each(actor, 999_999, refused));
        const allowed = permission in permissions && can(role, permission as Permission);
        const expected = allowed ? "VALIDATION_FAILED" : "FORBIDDEN";
        if (own !== expected) wrong.push(`${name} as ${role}: ${own}, not ${expected}`);
        if (foreign !== "NOT_FOUND") wrong.push(`${name} as ${role} in a foreign tenant: ${foreign}`);
        if (absent !== "NOT_FOUND") wrong.push(`${name} as ${role} in no tenant: ${absent}`);
        cases += 3;
      }
      const token = await codeOf(each(ownersToken, world.tenant.id, refused));
      const tokenMay = permission in permissions && !personPermissions.has(permission as Permission);
      if (token !== (tokenMay ? "VALIDATION_FAILED" : "FORBIDDEN"))
        wrong.push(`${name} as a token: ${token}`);
      for (const actor of [executorActor, retentionActor]) {
        const code = await codeOf(each(actor, world.tenant.id, refused));
        const allowed =
          actor.kind === "system" && (actor.permissions as readonly string[]).includes(permission);
        const expected = allowed ? "VALIDATION_FAILED" : "FORBIDDEN";
        if (code !== expected) wrong.push(`${name} as ${actor.kind}: ${code}, not ${expected}`);
        cases += 1;
      }
    }
    expect(wrong).toEqual([]);
    expect(cases).toBe(operations.length * (roles.length * 3 + 2));
    expect(await fingerprint()).toBe(before);
  }, 120_000);

  test("that changes something is refused in an archived tenant where pages do not offer it, unless it ends access", async () => {
    const { actors, id } = world.foreign;
    const archived = { role: "owner", is_archived: true } as const;
    const members = [...loadedOperations().values()].flatMap((each) =>
      each.definition.permission in permissions
        ? [{ each, permission: each.definition.permission as Permission }]
        : [],
    );
    const writing = members.filter(
      ({ each: { definition } }) => "effect" in definition && definition.effect === "write",
    );
    expect(writing.length).toBeGreaterThan(30);
    const ending: string[] = [];
    await world.admin.query("UPDATE tenants SET archived_at = now() WHERE id = $1", [id]);
    try {
      for (const { each, permission } of writing) {
        const endsAccess = "endsAccess" in each.definition;
        if (endsAccess) ending.push(each.definition.name);
        const offered = canIn(archived, permission) || endsAccess;
        const expected = offered ? "VALIDATION_FAILED" : "FORBIDDEN";
        expect(await codeOf(each(actors.owner, id, refused)), each.definition.name).toBe(expected);
      }
    } finally {
      await world.admin.query("UPDATE tenants SET archived_at = NULL WHERE id = $1", [id]);
    }
    expect(ending.sort()).toEqual([
      "member.remove",
      "member.remove_role_rule",
      "member.set_role",
      "member.withdraw_invitation",
      "token.revoke",
      "write_connection.forget",
    ]);
    // What is only looked at stays, for the roles that it is for.
    const changing = new Set(writing.map(({ permission }) => permission));
    for (const { permission } of members) {
      if (changing.has(permission)) continue;
      for (const role of roles)
        expect(canIn({ role, is_archived: true }, permission), `${permission} of ${role}`).toBe(
          can(role, permission),
        );
    }
  });

  test("has a permission that the table knows, and a name of its own", () => {
    const known = new Set<string>([...Object.keys(permissions), ...systemPermissions]);
    for (const { definition } of loadedOperations().values()) {
      expect(known, definition.name).toContain(definition.permission);
      expect(definition.input, definition.name).toBeInstanceOf(z.ZodObject);
    }
  });
});

describe("every operation on what is one's own", () => {
  test("answers those that it is for, and looks at its input", async () => {
    const operations = [...loadedOwnOperations().values()].filter(({ definition }) => !definition.scope);
    expect(operations.length).toBeGreaterThan(3);
    const token = { kind: "token" as const, token_id: 1, tenant_id: world.tenant.id };
    for (const each of operations) {
      const { name, actors } = each.definition;
      for (const actor of [world.tenant.actors.owner, token, executorActor]) {
        const allowed = (actors as readonly string[]).includes(actor.kind);
        const expected = allowed ? "VALIDATION_FAILED" : "FORBIDDEN";
        expect(await codeOf(each(actor, refused)), `${name} as ${actor.kind}`).toBe(expected);
      }
    }
  });
});

describe("every operation on the platform", () => {
  test("answers platform administrators alone, signed in, as long as they are", async () => {
    const operations = [...loadedOwnOperations().values()].filter(({ definition }) => definition.scope);
    expect(operations.length).toBeGreaterThan(8);
    const { owner, manager } = world.tenant.actors;
    const set = (column: string) =>
      world.admin.query(`UPDATE users SET ${column} WHERE id = $1`, [manager.user_id]);
    const token = { kind: "token" as const, token_id: 1, tenant_id: world.tenant.id };
    const before = await fingerprint();
    const codes = async () =>
      Promise.all(
        operations.map((each) =>
          Promise.all([owner, manager, token, executorActor].map((actor) => codeOf(each(actor, refused)))),
        ),
      );
    const nobody = operations.map(() => ["FORBIDDEN", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"]);
    expect(await codes()).toEqual(nobody);
    await set("is_platform_admin = true");
    expect(await codes()).toEqual(
      operations.map(() => ["FORBIDDEN", "VALIDATION_FAILED", "FORBIDDEN", "FORBIDDEN"]),
    );
    await set("disabled_at = now()");
    expect(await codes()).toEqual(nobody);
    await set("disabled_at = NULL, is_platform_admin = false");
    expect(await fingerprint()).toBe(before);
  });
});

describe("an actor's role", () => {
  test("is looked up anew: a member who was demoted a moment ago is refused", async () => {
    const create = loadedOperations().get("schedule.create");
    if (!create) throw new Error("schedule.create is not loaded");
    const { actors, id } = world.tenant;
    const role = (to: Role) =>
      world.admin.query("UPDATE memberships SET role = $1 WHERE user_id = $2", [to, actors.manager.user_id]);
    await role("readonly");
    expect(await codeOf(create(actors.manager, id, refused))).toBe("FORBIDDEN");
    await role("manager");
    expect(await codeOf(create(actors.manager, id, refused))).toBe("VALIDATION_FAILED");
  });

  test("ends with the user's disabling and the token's revocation or expiry", async () => {
    const list = loadedOperations().get("schedule.list");
    if (!list) throw new Error("schedule.list is not loaded");
    const { actors, id } = world.tenant;
    await world.admin.query("UPDATE users SET disabled_at = now() WHERE id = $1", [actors.readonly.user_id]);
    expect(await codeOf(list(actors.readonly, id, {}))).toBe("NOT_FOUND");
    await world.admin.query("UPDATE users SET disabled_at = NULL WHERE id = $1", [actors.readonly.user_id]);
    expect(await codeOf(list(actors.readonly, id, {}))).toBe("ANSWERED");

    const { rows } = await world.admin.query(
      "INSERT INTO api_tokens (tenant_id, name, role, token_hash, expires_at) VALUES ($1, 'script', 'operator', $2, now() + interval '1 day') RETURNING id",
      [id, hashToken(newToken())],
    );
    const token = { kind: "token" as const, token_id: rows[0].id, tenant_id: id };
    expect(await codeOf(list(token, id, {}))).toBe("ANSWERED");
    expect(await codeOf(list(token, world.foreign.id, {}))).toBe("NOT_FOUND");
    await world.admin.query("UPDATE api_tokens SET expires_at = now() - interval '1 second' WHERE id = $1", [
      token.token_id,
    ]);
    expect(await codeOf(list(token, id, {}))).toBe("NOT_FOUND");
    await world.admin.query(
      "UPDATE api_tokens SET expires_at = now() + interval '1 day', revoked_at = now() WHERE id = $1",
      [token.token_id],
    );
    expect(await codeOf(list(token, id, {}))).toBe("NOT_FOUND");
  });
});

describe("the choke point", () => {
  test("rolls a write back that left no audit entry", async () => {
    const silent = operation({
      name: "test.silent_write",
      permission: "tenant:write",
      effect: "write",
      input: z.strictObject({}),
      output: z.void(),
      async run({ db, tenant }) {
        await db.tenant.update({ where: { id: tenant.id }, data: { name: "Renamed in silence" } });
      },
    });
    await expect(silent(world.tenant.actors.owner, world.tenant.id, {})).rejects.toThrow(
      "without an audit entry",
    );
    const { rows } = await world.admin.query("SELECT name FROM tenants WHERE id = $1", [world.tenant.id]);
    expect(rows[0].name).toBe("Tenant 1");
  });

  test("has told after the commit what was to be told, and nothing of what was rolled back", async () => {
    const told: string[] = [];
    const telling = operation({
      name: "test.telling",
      permission: "tenant:write",
      effect: "write",
      input: z.strictObject({ fail: z.boolean() }),
      output: z.void(),
      async run({ afterCommit, unchanged }, { fail }) {
        afterCommit(() => told.push(fail ? "failed" : "committed"));
        if (fail) throw new Error("rolled back");
        expect(told).toEqual([]);
        unchanged();
      },
    });
    const { actors, id } = world.tenant;
    await telling(actors.owner, id, { fail: false });
    await expect(telling(actors.owner, id, { fail: true })).rejects.toThrow("rolled back");
    expect(told).toEqual(["committed"]);
  });

  test("rolls a write back that holds no version against the caller's", async () => {
    const careless = operation({
      name: "test.careless_write",
      permission: "tenant:write",
      effect: "write",
      input: z.strictObject({}),
      output: z.void(),
      async run({ db, tenant, unchanged }) {
        await db.tenant.update({ where: { id: tenant.id }, data: { name: "Whatever the version" } });
        unchanged();
      },
    });
    const { actors, id } = world.tenant;
    await expect(careless(actors.owner, id, {}, { requireVersion: () => {} })).rejects.toThrow(
      "holds no version",
    );
    const { rows } = await world.admin.query("SELECT name FROM tenants WHERE id = $1", [id]);
    expect(rows[0].name).toBe("Tenant 1");
  });

  test("refuses every write of an operation that says it reads", async () => {
    const sly = operation({
      name: "test.sly_read",
      permission: "tenant:view",
      effect: "read",
      input: z.strictObject({}),
      output: z.void(),
      async run({ db, tenant }) {
        await db.tenant.update({ where: { id: tenant.id }, data: { name: "Written by a read" } });
      },
    });
    await expect(sly(world.tenant.actors.owner, world.tenant.id, {})).rejects.toThrow("read-only");
  });

  test("shows an operation no row of another tenant, even without a where", async () => {
    const greedy = operation({
      name: "test.greedy_read",
      permission: "tenant:view",
      effect: "read",
      input: z.strictObject({}),
      output: z.array(z.int()),
      run: async ({ db }) => [
        await db.tenant.count(),
        await db.membership.count(),
        await db.connection.count(),
      ],
    });
    expect(await greedy(world.tenant.actors.readonly, world.tenant.id, {})).toEqual([1, 4, 1]);
  });

  test("holds answers to the output's schema, so that nothing goes out undescribed", async () => {
    const chatty = operation({
      name: "test.chatty",
      permission: "tenant:view",
      effect: "read",
      input: z.strictObject({ asks: z.enum(["well", "badly"]) }),
      output: z.strictObject({ name: z.string() }),
      run: async ({ tenant }, { asks }) =>
        asks === "well" ? { name: tenant.name } : { name: tenant.name, secret: "s" },
    });
    const { actors, id } = world.tenant;
    expect(await chatty(actors.readonly, id, { asks: "well" })).toEqual({ name: "Tenant 1" });
    await expect(chatty(actors.readonly, id, { asks: "badly" })).rejects.toThrow(/test\.chatty.*secret/s);
  });

  test("lets an operation be a part of another: one transaction, one actor, the entries of both", async () => {
    const rename = operation({
      name: "test.rename",
      permission: "retention:apply",
      effect: "write",
      input: z.strictObject({ name: z.string().min(3) }),
      output: z.void(),
      async run({ db, tenant, audit }, { name }) {
        await db.tenant.update({ where: { id: tenant.id }, data: { name } });
        audit({ action: "connection.saved", details: { renamed_to: name } });
      },
    });
    const renameTwice = operation({
      name: "test.rename_twice",
      permission: "tenant:write",
      effect: "write",
      input: z.strictObject({ names: z.array(z.string()) }),
      output: z.void(),
      async run(context, { names }) {
        for (const name of names) await rename.within(context, { name });
      },
    });
    const { actors, id } = world.tenant;
    const state = async () =>
      (
        await world.admin.query(
          "SELECT t.name, (SELECT count(*)::int FROM audit_log WHERE details ? 'renamed_to') AS entries FROM tenants t WHERE id = $1",
          [id],
        )
      ).rows[0];
    // The second name is refused by the inner input, and the first is rolled back with it.
    expect(await codeOf(renameTwice(actors.owner, id, { names: ["Renamed", "No"] }))).toBe(
      "VALIDATION_FAILED",
    );
    expect(await state()).toEqual({ name: "Tenant 1", entries: 0 });
    await renameTwice(actors.owner, id, { names: ["Renamed", "Tenant 1"] });
    expect(await state()).toEqual({ name: "Tenant 1", entries: 2 });
    expect(await codeOf(rename(actors.owner, id, { name: "By the owner" }))).toBe("FORBIDDEN");
  });

  test("looks at the role before the first of several steps", async () => {
    let begun = 0;
    const steps = operationInSteps({
      name: "test.steps",
      permission: "token:manage",
      input: z.strictObject({}),
      output: z.number(),
      run: async () => ++begun,
    });
    const { actors, id } = world.tenant;
    expect(await codeOf(steps(actors.manager, id, {}))).toBe("FORBIDDEN");
    expect(await codeOf(steps(actors.owner, world.foreign.id, {}))).toBe("NOT_FOUND");
    expect(begun).toBe(0);
    expect(await steps(actors.owner, id, {})).toBe(1);
  });
});

test("a field that is missing or of another type is told what it must be, by fields without words of their own too", () => {
  const schema = z.strictObject({
    text: z.string(),
    count: z.int(),
    on: z.boolean(),
    list: z.array(z.string()),
    own: z.boolean("must be yes or no"),
  });
  const messageOf = (raw: unknown) => {
    try {
      parseInput(schema, raw);
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(messageOf({ list: [1] })).toBe(
    "text: must be a text; count: must be a number; on: must be true or false; list.0: must be a text; own: must be yes or no",
  );
  expect(messageOf("x")).toBe("The input: must be an object");
});
