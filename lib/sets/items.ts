import { z } from "zod";
import { Prisma } from "#lib/db/generated/client";
import { containing } from "#lib/db/ilike";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { bigIdSchema, idSchema } from "#lib/ids";
import { operation, operationInSteps } from "#lib/operation";
import { cursorRefused, decodeCursor, pageFields, toPage } from "#lib/pagination";
import { present } from "#lib/present";
import { nameSearch, pageOf, policyType } from "#lib/view-fields";
import { reportDamage } from "./damaged-snapshots.ts";
import { predecessorOf } from "./predecessor.ts";
import type { BackupItemView } from "./schema.ts";
import { setNotFound } from "./sets.ts";
import { provenDocument } from "./snapshot-codec.ts";
import { damagedView, itemContentView, itemDetailsView, itemView } from "./views.ts";

/** The items of a set in the order of type and name, a page at a time; by name or type when asked. */
export const listBackupItems = operation({
  name: "item.list",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({
    ...pageFields,
    set_id: idSchema,
    search: nameSearch.optional(),
    policy_type: policyType.optional(),
  }),
  output: pageOf(itemView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}/items",
    operationId: "listBackupItems",
    summary: "List the policies and foundations in a set",
    tag: "Backup sets",
    answer: "In the order in which they were captured",
    paged: true,
  },
  async run({ db }, { set_id, limit, cursor, search, policy_type }) {
    const after = decodeCursor(cursor);
    if (!(await db.backupSet.findFirst({ where: { id: set_id }, select: { id: true } }))) throw setNotFound();
    if (after !== null && !(await findItem(db, set_id, after))) throw cursorRefused();
    const rows = await db.$queryRaw<ItemRow[]>`
      SELECT ${itemColumns} FROM backup_items i
      WHERE backup_set_id = ${set_id}
        AND ${after === null ? Prisma.sql`true` : placeAfter(after)}
        AND ${search ? Prisma.sql`display_name ILIKE ${containing(search)}` : Prisma.sql`true`}
        AND ${policy_type ? Prisma.sql`policy_type = ${policy_type}` : Prisma.sql`true`}
      ORDER BY i.kind, i.policy_type COLLATE "C", i.display_name, i.graph_id LIMIT ${limit + 1}`;
    return toPage(rows, limit, presentItem);
  },
});

/** An item as the database has it, without its volatile fields. */
type ItemRow = Omit<BackupItemView, "id" | "children"> & { id: bigint; children: unknown };

const itemColumns = Prisma.sql`i.id, i.kind::text AS kind, i.policy_type, i.graph_id, i.display_name, i.sha256, i.children, i.notes`;

/** What comes after an item in the order of the list: its row never changes, so it is a place. */
function placeAfter(itemId: bigint): Prisma.Sql {
  return Prisma.sql`
    (i.kind, i.policy_type COLLATE "C", i.display_name, i.graph_id) >
    (SELECT r.kind, r.policy_type, r.display_name, r.graph_id FROM item_ranges r WHERE r.id = ${itemId})`;
}

async function findItem(
  db: Tx,
  setId: number,
  itemId: bigint,
): Promise<(ItemRow & { volatile: Record<string, unknown> }) | null> {
  const [row] = await db.$queryRaw<(ItemRow & { volatile: Record<string, unknown> })[]>`
    SELECT ${itemColumns}, i.volatile FROM backup_items i WHERE i.backup_set_id = ${setId} AND i.id = ${itemId}`;
  return row ?? null;
}

function presentItem(row: ItemRow): BackupItemView {
  return present(itemView, { ...row, children: row.children as BackupItemView["children"] });
}

/** One item of a set with what is known around it; its JSON is `getItemContent`. */
export type BackupItemDetails = z.infer<typeof itemDetailsView>;

/** One item of a set, also from the bin. @throws AppError NOT_FOUND */
export const getBackupItem = operation({
  name: "item.get",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ set_id: idSchema, item_id: bigIdSchema }),
  output: itemDetailsView,
  async run({ db, tenant }, { set_id, item_id }) {
    const item = await findItem(db, set_id, BigInt(item_id));
    const set = await db.backupSet.findFirst({
      where: { id: set_id },
      select: { created_at: true, backup_schedule_id: true, schedule: { select: { name: true } } },
    });
    if (!item || !set) throw itemNotFound();
    const snapshot = await db.snapshot.findFirst({
      where: { tenant_id: tenant.id, sha256: item.sha256 },
      select: { bytes_logical: true },
    });
    const before = await predecessorOf(db, { id: set_id, ...set });
    const [there] =
      before === null
        ? []
        : await db.$queryRaw<{ id: bigint; sha256: string }[]>`
            SELECT id, sha256 FROM backup_items
            WHERE backup_set_id = ${before} AND policy_type = ${item.policy_type} AND graph_id = ${item.graph_id}`;
    return {
      ...presentItem(item),
      set_id,
      set_created_at: set.created_at.toISOString(),
      schedule_name: set.schedule.name,
      bytes_logical: snapshot?.bytes_logical ?? null,
      volatile: item.volatile,
      previous:
        before === null
          ? null
          : {
              set_id: before,
              item: there
                ? { id: Number(there.id), is_same: await isSamePolicy(db, there.sha256, item.sha256) }
                : null,
            },
    };
  },
});

function itemNotFound(): AppError {
  return new AppError("NOT_FOUND", "There is no such item in this backup set.");
}

/** A stored policy: its canonical JSON as text, and what tells it apart. */
export type ItemContent = z.infer<typeof itemContentView>;

const readItemContent = operation({
  name: "item.read_content",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ set_id: idSchema, item_id: bigIdSchema }),
  output: z.union([itemContentView, damagedView]),
  async run({ db }, { set_id, item_id }) {
    const item = await findItem(db, set_id, BigInt(item_id));
    if (!item) throw itemNotFound();
    const snapshot = await db.snapshot.findFirst({ where: { sha256: item.sha256 } });
    const document = snapshot && (await provenDocument(snapshot));
    if (!document) {
      return {
        damaged: item.sha256,
        message: snapshot
          ? `The stored copy of "${item.display_name}" is damaged: its hash does not match.`
          : `The stored copy of "${item.display_name}" is missing.`,
      };
    }
    return {
      id: Number(item.id),
      policy_type: item.policy_type,
      graph_id: item.graph_id,
      display_name: item.display_name,
      sha256: item.sha256,
      json: Buffer.from(document).toString("utf8"),
      volatile: item.volatile,
    };
  },
});

async function isSamePolicy(db: Tx, a: string, b: string): Promise<boolean> {
  const [row] = await db.$queryRaw<
    { same: boolean }[]
  >`SELECT same_policy(${a}::bpchar, ${b}::bpchar) AS same`;
  return row?.same ?? false;
}

/**
 * The stored JSON of one item. Its hash is checked on the way out: a damaged snapshot is never handed out as
 * if it were the policy, and is noted, so that the next run heals it.
 * @throws AppError NOT_FOUND; INTERNAL when the stored bytes are damaged.
 */
export const getItemContent = operationInSteps({
  name: "item.content",
  permission: "set:view",
  input: z.strictObject({ set_id: idSchema, item_id: bigIdSchema }),
  output: itemContentView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}/items/{itemId}/content",
    operationId: "getBackupItemContent",
    summary: "The stored JSON of one policy",
    tag: "Backup sets",
    answer: "The policy: canonical JSON (RFC 8785), exactly the bytes whose SHA-256 the item names",
    mediaType: "application/json",
    respond: ({ json }) => new Response(json, { headers: { "Content-Type": "application/json" } }),
  },
  async run({ actor, tenant }, input) {
    const content = await readItemContent(actor, tenant.id, input);
    if (!("damaged" in content)) return content;
    await reportDamage(actor, tenant.id, [content.damaged]);
    throw new AppError("INTERNAL", content.message);
  },
});
