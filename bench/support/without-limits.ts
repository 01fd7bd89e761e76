// Loaded before the worker (`node --import`): it then asks as fast as it can. Graph's limits would stretch a large
// capture to many minutes, in which its memory is under less pressure than here.
import { familyBudgets } from "#lib/graph/families";

for (const budget of Object.values(familyBudgets)) {
  Object.assign(budget, { requests: 1_000_000, windowMs: 1_000 });
}
