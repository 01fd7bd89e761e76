import type { DocumentChange } from "#lib/compare/document-diff";
import type { PolicyType } from "#lib/policies/policy-type";
import type { ReferenceKind, Stage } from "#lib/policies/write/write-rule";
import type { Document } from "./document.ts";
import type { Offers } from "./offered.ts";

/** What becomes of a reference in the tenant that is written to. */
export type Resolution =
  | { id: string }
  /** A person decided to write the policy without it. */
  | "left out"
  /** Another item of the same restore makes it: its id is known when that is done. */
  | "pending"
  | "unknown"
  /** Several objects bear its name. */
  | "ambiguous";

export type Resolve = (kind: ReferenceKind, id: string) => Resolution;

/** How an item is to be restored. */
export type RestoreMode = { kind: "inPlace" } | { kind: "copy"; prefix: string } | { kind: "assignments" };

/** One policy to restore, and all that its plan depends on. */
export interface RestoreInput {
  type: PolicyType;
  /** As it was stored. */
  backup: Document;
  /** As it was read just now, in the same form; null: there is none. */
  live: Document | null;
  mode: RestoreMode;
  resolve: Resolve;
  /** `https://graph.microsoft.com` or another cloud's: links to other objects carry it. */
  graphUrl: string;
  /** Values of secrets that Graph does not return, by path, as a person gave them. */
  secrets?: ReadonlyMap<string, string>;
  /** What the tenant has beside its policies; null or left out: nobody has looked. */
  offers?: Offers | null;
  /** Accounts and groups that every enabled conditional access policy must exclude; by their ids in the tenant. */
  breakGlass?: { users: readonly string[]; groups: readonly string[] };
}

/** One request to Graph. `{id}` in path and body stands for the id of the object that the first request made. */
export interface WriteRequest {
  method: "POST" | "PATCH" | "PUT";
  version: "v1.0" | "beta";
  /** Without version and leading slash. */
  path: string;
  body: Document;
  stage: Stage;
  /** It makes the item: its answer tells the id. */
  creates: boolean;
  /** The id of a deleted object, which comes back by it. Where Graph refuses, the next request makes another one. */
  bringsBack?: string;
  /** It adds to the item, and would again if it were sent again: when its answer is lost, the item is looked at before. */
  adds?: true;
}

/** Why a person must decide before the item can be restored. */
export interface Reason {
  code:
    | "ambiguous"
    | "break_glass"
    | "excluded_unresolved"
    | "fixed"
    | "migrated"
    | "no_live_object"
    | "secret"
    | "type_changed"
    | "unassigned"
    | "unread"
    | "unresolved"
    | "wider_reach";
  path: string;
  kind?: ReferenceKind;
  id?: string;
  /** A sentence for people. */
  message: string;
}

/** Something of the live object that the restore leaves, although the backup lacks it: nothing is ever deleted. */
export interface Stays {
  path: string;
  what: string;
}

/** What a plan compares, as people are shown it: secrets that were given are masked. */
interface Compared {
  /** From the live policy to the backup. */
  changes: readonly DocumentChange[];
  /** Both whole; none where the policy cannot even be compared. */
  sides?: { live: Document | null; backup: Document };
}

interface Planned extends Compared {
  requests: readonly WriteRequest[];
  stays: readonly Stays[];
  /** References to what the same restore makes: the item is planned anew when these are there. */
  pending: readonly { kind: ReferenceKind; id: string }[];
  /** Why the item asks for a confirmation of its own. */
  confirm: readonly string[];
  /** A second step that a person takes by name, when the first is done. */
  later: readonly { why: string; request: WriteRequest }[];
}

/** What a restore would do with one item. */
export type ItemPlan =
  | ({ outcome: "unchanged" | "update" | "create" | "assign" } & Planned)
  | ({ outcome: "blocked"; reasons: readonly Reason[] } & Compared)
  | ({ outcome: "impossible"; why: string } & Compared);
