import { lookForChangeAuthors } from "#lib/authors/look";

// A process that looks for the authors of a set's changes, again and again, until it is killed in the middle of it.
process.on("disconnect", () => process.exit(0));
const [tenantId, setId] = process.argv.slice(2).map(Number);
if (!tenantId || !setId) throw new Error("Name the tenant and the set.");
for (;;) {
  process.send?.("looking");
  await lookForChangeAuthors(tenantId, setId, new AbortController().signal);
  process.send?.("looked");
}
