import { z } from "zod";
import type { BackupItem } from "#lib/db/generated/client";
import { escapeLike } from "#lib/db/ilike";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { bigIdSchema, idSchema } from "#lib/ids";
import { operation, operationInSteps } from "#lib/operation";
import { decodeCursor, pageFields, toPage } from "#lib/pagination";
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
    const rows = await db.backupItem.findMany({
      where: {
        backup_set_id: set_id,
        ...(after === null ? {} : { id: { gt: after } }),
        ...(search ? { display_name: { contains: escapeLike(search), mode: "insensitive" } } : {}),
        ...(policy_type ? { policy_type } : {}),
      },
      orderBy: { id: "asc" },
      take: limit + 1,
    });
    return toPage(rows, limit, presentItem);
  },
});

function presentItem(row: BackupItem): BackupItemView {
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
    const item = await db.backupItem.findFirst({
      where: { id: BigInt(item_id), backup_set_id: set_id },
      include: {
        backup_set: {
          select: { created_at: true, backup_schedule_id: true, schedule: { select: { name: true } } },
        },
      },
    });
    if (!item) throw itemNotFound();
    const snapshot = await db.snapshot.findFirst({
      where: { tenant_id: tenant.id, sha256: item.sha256 },
      select: { bytes_logical: true },
    });
    const before = await predecessorOf(db, { id: set_id, ...item.backup_set });
    const there =
      before === null
        ? null
        : await db.backupItem.findFirst({
            where: { backup_set_id: before, policy_type: item.policy_type, graph_id: item.graph_id },
            select: { id: true, sha256: true },
          });
    return {
      ...presentItem(item),
      set_id,
      set_created_at: item.backup_set.created_at.toISOString(),
      schedule_name: item.backup_set.schedule.name,
      bytes_logical: snapshot?.bytes_logical ?? null,
      volatile: item.volatile as Record<string, unknown>,
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
    const item = await db.backupItem.findFirst({ where: { id: BigInt(item_id), backup_set_id: set_id } });
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
      volatile: item.volatile as Record<string, unknown>,
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
