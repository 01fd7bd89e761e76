import { expect, it } from "vitest";
import { typeAtPath } from "#lib/testing/catalog-oracle";
import { graphTypings } from "#lib/testing/graph-typings";
import { COLLECTIONS, type CollectionSpec, type Version } from "./collections.ts";

const versions: readonly Version[] = ["v1.0", "beta"];

/** What the typings have no path to, or another one, by the sandbox's path. */
const unreachable = /^(groups|users|servicePrincipals|directoryRoleTemplates)$/;

function faultsOf({ path, types, versions: served, singleIn = [] }: CollectionSpec): string[] {
  const faults: string[] = [];
  for (const version of versions) {
    const found = unreachable.test(path) ? { type: types[0], collection: true } : typeAtPath(path, version);
    const where = `${version} ${path}`;
    if (!found) {
      if (served.includes(version)) faults.push(`${where} is in no typings`);
      continue;
    }
    if (!served.includes(version)) faults.push(`${where} is not served`);
    else if (found.type !== types[0]) faults.push(`${where} holds ${found.type}, not ${types[0]}`);
    else if (found.collection === singleIn.includes(version)) faults.push(`${where} is one, or many`);
  }
  const known = versions.flatMap((version) => graphTypings(version).derivedOf(types[0] ?? ""));
  for (const type of types.slice(1)) if (!known.includes(type)) faults.push(`${type} is no ${types[0]}`);
  return faults;
}

it("are where Microsoft's typings have them, in the same versions, and hold their types", () => {
  expect(COLLECTIONS.flatMap(faultsOf)).toEqual([]);
});
