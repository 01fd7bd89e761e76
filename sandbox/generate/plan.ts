import { appGroups } from "./apps.ts";
import { complianceGroups } from "./compliance.ts";
import { deviceKindGroups } from "./device-kinds.ts";
import { deviceGroups } from "./devices.ts";
import { directoryGroups } from "./directory.ts";
import { enrollmentGroups } from "./enrollment.ts";
import { entraGroups } from "./entra.ts";
import { foundationGroups } from "./foundations.ts";
import { handfulGroups } from "./handful.ts";
import type { Group } from "./kind.ts";
import { scriptGroups } from "./scripts.ts";
import { settingsCatalogGroups } from "./settings-catalog.ts";

const GROUPS: readonly Group[] = [
  ...deviceGroups,
  ...settingsCatalogGroups,
  ...complianceGroups,
  ...scriptGroups,
  ...enrollmentGroups,
  ...appGroups,
  ...entraGroups,
  ...deviceKindGroups,
  ...handfulGroups,
  ...foundationGroups,
  ...directoryGroups,
];

/** From this many policies on, a tenant has some of everything. */
const SOME_SIZE = 100;

/**
 * How many objects of each group a tenant of `policies` policies has. The counts of the policy groups, single
 * objects included, add up to `policies`; each has one at least when there are enough, and then by weight.
 * Foundations and single objects are always there, so a tenant of fewer than three still has the three. What tenants have a handful of comes on top from a
 * hundred policies on.
 */
export function plan(policies: number): readonly { group: Group; count: number }[] {
  const weighted = GROUPS.filter((group) => group.weight !== undefined).sort(
    (a, b) => (b.weight ?? 0) - (a.weight ?? 0),
  );
  const singles = GROUPS.filter((group) => group.single && group.few === undefined).length;
  let rest = Math.max(0, policies - singles);
  const counts = new Map<Group, number>();
  for (const group of weighted.slice(0, rest)) counts.set(group, 1);
  rest -= counts.size;
  const total = weighted.reduce((sum, group) => sum + (group.weight ?? 0), 0);
  const shares = weighted.map((group) => ({ group, exact: (rest * (group.weight ?? 0)) / total }));
  for (const { group, exact } of shares) counts.set(group, (counts.get(group) ?? 0) + Math.floor(exact));
  let left = rest - shares.reduce((sum, { exact }) => sum + Math.floor(exact), 0);
  for (const { group } of shares.sort((a, b) => (b.exact % 1) - (a.exact % 1))) {
    if (left-- <= 0) break;
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return GROUPS.map((group) => ({
    group,
    count: group.single
      ? 1
      : group.foundation
        ? group.foundation(policies)
        : group.few !== undefined
          ? policies < SOME_SIZE
            ? 0
            : group.few
          : (counts.get(group) ?? 0),
  }));
}
