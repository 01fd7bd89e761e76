// A worker that asks as fast as it can. Graph's limits would stretch a large capture to many minutes, in which its memory
// is under less pressure than here.
import { familyBudgets } from "#lib/graph/families";
import { unlimitedBudgets } from "#lib/testing/unlimited";

Object.assign(familyBudgets, unlimitedBudgets);
await import("../../worker/index.ts");
