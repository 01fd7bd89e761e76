import { glob } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, test } from "vitest";
import type { HttpBinding } from "#lib/http-binding";
import { loadedOperations, loadedOwnOperations } from "#lib/operation";
import { served } from "./served.ts";
import { routes } from "./testing/client.ts";

/** Loads every module of lib/, so that no operation is missing because nothing here imports it. */
beforeAll(async () => {
  for await (const file of glob("lib/**/*.ts", {
    exclude: (path) => /generated|testing|\.test\.ts/.test(path),
  })) {
    await import(pathToFileURL(file).href);
  }
});

const line = (method: string, path: string, id: string) => `${method} ${path} (${id})`;

test("what operations say of their addresses is what the route files serve, each once", async () => {
  const operations = [...loadedOperations().values(), ...loadedOwnOperations().values()];
  const bindings: HttpBinding[] = operations.flatMap(({ definition }) => definition.http ?? []);
  const inTenants = (await served()).filter(({ description }) => description.needs !== "nobody");
  expect(inTenants.map(({ method, description: { path, id } }) => line(method, path, id)).sort()).toEqual(
    bindings.map(({ method, path, operationId }) => line(method, path, operationId)).sort(),
  );
});

test("every route lies in the folder of its path", async () => {
  for (const { folder, route } of await routes) {
    for (const handler of Object.values(route)) {
      if (!("description" in handler)) continue;
      const { path } = handler.description as { path: string };
      expect(`/${folder}`).toBe(path.replaceAll(/\{(\w+)\}/g, "[$1]"));
    }
  }
});
