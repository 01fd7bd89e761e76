import { type Budget, type ThrottleFamily, throttleFamilies } from "#lib/graph/families";

const much: Budget = { requests: 1_000_000, windowMs: 1_000 };

/** Budgets that no test or measurement reaches: nothing waits for Graph's limits. */
export const unlimitedBudgets = Object.fromEntries(
  throttleFamilies.map((family) => [family, much]),
) as Record<ThrottleFamily, Budget>;
