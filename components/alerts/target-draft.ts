import type { TargetView } from "#lib/alerts/schema";
import type { Problem } from "#lib/errors";
import { errorsByField } from "../form/server-errors.ts";

/** What stands in the form of a target: of its address and its header, which are never shown, what is to replace them. */
export interface TargetDraft {
  name: string;
  /** One a line. */
  recipients: string;
  to_owners: boolean;
  url: string;
  authorization: string;
  /** No header is sent any more. */
  drops_authorization: boolean;
}

/** What of a target becomes another. What is left out stays. */
export interface TargetChange {
  name?: string;
  recipients?: string[];
  to_owners?: boolean;
  url?: string;
  authorization?: string | null;
}

/** A change of a target, as pages ask for it. */
export interface TargetUpdate extends TargetChange {
  target_id: number;
  is_enabled?: boolean;
  /** As it was read. */
  updated_at?: string;
}

/** What the form begins with. */
export function targetDraft({ name, recipients, to_owners }: TargetView): TargetDraft {
  return {
    name,
    recipients: recipients.join("\n"),
    to_owners,
    url: "",
    authorization: "",
    drops_authorization: false,
  };
}

/** What somebody has changed. A secret that is left empty is none of it. */
export function targetChange(target: TargetView, draft: TargetDraft): TargetChange {
  const name = draft.name.trim();
  const named = name === target.name ? {} : { name };
  if (target.kind === "email") {
    const recipients = addressesIn(draft.recipients);
    return {
      ...named,
      ...(recipients.join() === target.recipients.join() ? {} : { recipients }),
      ...(draft.to_owners === target.to_owners ? {} : { to_owners: draft.to_owners }),
    };
  }
  const url = draft.url.trim();
  const authorization = draft.drops_authorization ? null : draft.authorization.trim();
  return { ...named, ...(url === "" ? {} : { url }), ...(authorization === "" ? {} : { authorization }) };
}

/** Mail addresses as people type them: one a line, or with spaces, commas or semicolons between them. */
export function addressesIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter((address) => address !== "");
}

/**
 * What is wrong with a change, by its field. Of mail addresses it says which one.
 * @param sent what was asked for
 */
export function targetFaults(
  problem: Problem,
  { recipients = [] }: TargetChange,
): Partial<Record<keyof TargetChange, string>> {
  const { name, url, authorization, recipients: all, to_owners } = errorsByField(problem);
  const each = (problem.errors ?? []).flatMap(({ path, message }) => {
    const [field, index] = path.split(".");
    const address = field === "recipients" && index !== undefined ? recipients[Number(index)] : undefined;
    return address === undefined ? [] : [`“${address}” ${message}`];
  });
  const addresses = [...(all ? [all] : []), ...each].join("; ");
  return {
    ...(name ? { name } : {}),
    ...(addresses ? { recipients: addresses } : {}),
    ...(to_owners ? { to_owners } : {}),
    ...(url ? { url } : {}),
    ...(authorization ? { authorization } : {}),
  };
}
