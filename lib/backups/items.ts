import { z } from "zod";
import { AppError } from "#lib/errors";
import { bigIdSchema, idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { decodeCursor, type Page, pageFields, toPage } from "#lib/pagination";
import type { BackupItemView } from "./schema.ts";
import { setNotFound } from "./sets.ts";
import { provenDocument } from "./snapshot-codec.ts";

/** The items of a set in the order of type and name, a page at a time; by name or type when asked. */
export const listBackupItems = operation({
  name: "item.list",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({
    ...pageFields,
    set_id: idSchema,
    search: z.string().trim().max(200).optional(),
    policy_type: z.string().max(100).optional(),
  }),
  async run({ db }, { set_id, limit, cursor, search, policy_type }): Promise<Page<BackupItemView>> {
    const after = decodeCursor(cursor);
    if (!(await db.backupSet.findFirst({ where: { id: set_id }, select: { id: true } }))) throw setNotFound();
    const rows = await db.backupItem.findMany({
      where: {
        backup_set_id: set_id,
        ...(after === null ? {} : { id: { gt: after } }),
        ...(search ? { display_name: { contains: search, mode: "insensitive" } } : {}),
        ...(policy_type ? { policy_type } : {}),
      },
      orderBy: { id: "asc" },
      take: limit + 1,
    });
    return toPage(rows, limit, (row) => ({
      id: Number(row.id),
      kind: row.kind,
      policy_type: row.policy_type,
      graph_id: row.graph_id,
      display_name: row.display_name,
      sha256: row.sha256,
      children: row.children as BackupItemView["children"],
      notes: row.notes,
    }));
  },
});

/** A stored policy: its canonical JSON as text, and what tells it apart. */
export interface ItemContent {
  id: number;
  policy_type: string;
  graph_id: string;
  display_name: string;
  sha256: string;
  /** Canonical JSON (RFC 8785): exactly the bytes whose SHA-256 is `sha256`. */
  json: string;
  volatile: Record<string, unknown>;
}

/**
 * The stored JSON of one item. Its hash is checked on the way out: a damaged snapshot is never handed out as
 * if it were the policy.
 * @throws AppError NOT_FOUND; INTERNAL when the stored bytes are damaged.
 */
export const getItemContent = operation({
  name: "item.content",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ set_id: idSchema, item_id: bigIdSchema }),
  async run({ db }, { set_id, item_id }): Promise<ItemContent> {
    const item = await db.backupItem.findFirst({ where: { id: BigInt(item_id), backup_set_id: set_id } });
    if (!item) throw new AppError("NOT_FOUND", "There is no such item in this backup set.");
    const snapshot = await db.snapshot.findFirst({ where: { sha256: item.sha256 } });
    const document = snapshot && (await provenDocument(snapshot));
    if (!document) {
      throw new AppError(
        "INTERNAL",
        snapshot
          ? `The stored copy of "${item.display_name}" is damaged: its hash does not match.`
          : `The stored copy of "${item.display_name}" is missing.`,
      );
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
