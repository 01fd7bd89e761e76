"use client";

import { NativeSelect } from "@mantine/core";
import type { AuditActor } from "#lib/audit/actors";
import { useUrlState } from "../data-table/url-state.ts";

/** Filters by who did it: anybody of a kind, or one. */
export function ActorFilter({
  members,
  tokens,
  chosen,
}: {
  members: readonly AuditActor[];
  tokens: readonly AuditActor[];
  /** The present choice, with a name also for who is a member no more. */
  chosen: AuditActor | null;
}) {
  const { change } = useUrlState();
  const kinds = [
    { value: "", label: "By anybody" },
    { value: "user", label: "Any person" },
    { value: "token", label: "Any API token" },
    { value: "system", label: "The service itself" },
  ];
  const known = [...kinds, ...members, ...tokens].some(({ value }) => value === chosen?.value);
  const optionsOf = (actors: readonly AuditActor[]) =>
    actors.map(({ value, name }) => ({ value, label: name }));
  return (
    <NativeSelect
      aria-label="Done by"
      value={chosen?.value ?? ""}
      onChange={(event) => change({ actor: event.currentTarget.value })}
      data={[
        ...kinds,
        ...(chosen && !known ? [{ value: chosen.value, label: chosen.name }] : []),
        ...(members.length > 0 ? [{ group: "Members", items: optionsOf(members) }] : []),
        ...(tokens.length > 0 ? [{ group: "API tokens", items: optionsOf(tokens) }] : []),
      ]}
      w={{ base: "calc(50% - 0.25rem)", xs: 180 }}
    />
  );
}
