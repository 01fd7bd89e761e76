import { beforeAll, expect, test } from "vitest";
import type { Role } from "#lib/access/permissions";
import { backUpTypes } from "#lib/testing/captured";
import { withWorld } from "#lib/testing/world";
import { api, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 60 });
let tokens: Record<Role, string>;
let setId: number | null;

beforeAll(async () => {
  tokens = await tokensOf(world.tenant);
  setId = (await backUpTypes(world, ["conditionalAccessPolicy"])).run.backup_set_id;
});

const ask = (path: string, token: string | undefined = tokens.readonly) =>
  api("GET", `/tenants/${world.tenant.id}/backup-sets/${path}`, { token });

test("a set tells what the ids in its policies stood for, to everybody who may see it", async () => {
  const { status, json } = await ask(`${setId}/names`);
  expect(status).toBe(200);
  expect(json.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(json.names.roleScopeTag["0"]).toEqual({ name: expect.any(String) });
  expect(json.unresolved).toEqual({});
  expect((await ask("999999/names")).status).toBe(404);
  expect((await ask(`${setId}/names`, "no token")).status).toBe(401);
});

test("a comparison brings the names of both sides; content stays what was captured", async () => {
  const items: { id: number; policy_type: string }[] = (await ask(`${setId}/items?limit=200`)).json;
  const [one, other] = items.filter((item) => item.policy_type === "conditionalAccessPolicy");
  const { json } = await ask(
    `${setId}/items/${one?.id}/comparison?with_set_id=${setId}&with_item_id=${other?.id}`,
  );
  const content = (await ask(`${setId}/items/${one?.id}/content`)).json;
  expect(Object.keys(json.names.right.group).sort()).toEqual(
    [
      ...new Set([...content.conditions.users.includeGroups, ...content.conditions.users.excludeGroups]),
    ].sort(),
  );
  expect(content).not.toHaveProperty("names");
});
