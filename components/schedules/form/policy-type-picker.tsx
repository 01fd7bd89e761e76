"use client";

import { Button, Checkbox, Group, Input, TextInput } from "@mantine/core";
import { IconChevronDown, IconSearch } from "@tabler/icons-react";
import { type RefCallback, useState } from "react";
import { Link } from "#components/navigation/link";
import { RelativeTime } from "#components/time/instant";
import { IconButton } from "#components/ui/icon-button";
import { catalog } from "#lib/policies/catalog";
import { notReadable } from "#lib/policies/not-readable";
import classes from "./policy-type-picker.module.css";

const policyTypes = catalog.filter((type) => type.kind === "policy");
const categories = [...new Set(policyTypes.map((type) => type.category))];

/** What the last test of the tenant's connection found out about permissions. */
export type PermissionState =
  | { kind: "unconnected" | "untested" }
  | { kind: "refused"; testedAt: string }
  | {
      kind: "tested";
      testedAt: string;
      /** Permission that the connection lacks, by policy type and foundation. */
      missing: Readonly<Record<string, string>>;
    };

/** Chooses policy types by category, with search, and says which the connection may not read. */
export function PolicyTypePicker({
  value,
  onChange,
  error,
  permissions,
  connectionHref,
  inputRef,
  news,
}: {
  value: readonly string[];
  onChange: (keys: string[]) => void;
  error?: string | undefined;
  permissions: PermissionState;
  connectionHref: string;
  /** Gets the field that a fault focuses. */
  inputRef: RefCallback<HTMLInputElement>;
  /** What is new since the schedule was saved; types that were added or left out are news no more. */
  news?: { since: number; onLeaveOut: () => void } | undefined;
}) {
  const missing = permissions.kind === "tested" ? permissions.missing : {};
  const [search, setSearch] = useState("");
  // Folded unless there is something to see: a choice within, or a permission that lacks.
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(
    () =>
      new Set(
        categories.filter((category) => {
          const types = policyTypes.filter((type) => type.category === category);
          const count = types.filter((type) => value.includes(type.key)).length;
          return (count > 0 && count < types.length) || types.some((type) => missing[type.key]);
        }),
      ),
  );
  const chosen = new Set(value);
  const wanted = search.trim().toLowerCase();
  const shown = policyTypes.filter((type) =>
    `${type.label} ${type.category} ${type.key}`.toLowerCase().includes(wanted),
  );
  const set = (keys: readonly string[], checked: boolean) => {
    const next = new Set(chosen);
    for (const key of keys) checked ? next.add(key) : next.delete(key);
    // In the catalog's order, and with keys that it does not know kept at the end: saving will name them.
    const known = policyTypes.map((type) => type.key).filter((key) => next.has(key));
    onChange([...known, ...[...next].filter((key) => !policyTypes.some((type) => type.key === key))]);
  };
  return (
    <fieldset className={classes.root} aria-describedby={error ? "policy-types-error" : undefined}>
      <legend className={classes.legend}>Policy types</legend>
      <div className={classes.bar}>
        <TextInput
          ref={inputRef}
          type="search"
          size="sm"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          placeholder="Find a policy type"
          aria-label="Find a policy type"
          leftSection={<IconSearch size={15} aria-hidden />}
          className={classes.search ?? ""}
        />
        <span role="status" className={classes.count}>
          {chosen.size} of {policyTypes.length} selected
        </span>
        <Group gap={6}>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() =>
              set(
                shown.map((type) => type.key),
                true,
              )
            }
          >
            Select all
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() =>
              set(
                shown.map((type) => type.key),
                false,
              )
            }
          >
            Select none
          </Button>
        </Group>
      </div>
      <p className={classes.permissions}>
        <Permissions state={permissions} />{" "}
        <Link className="tp-link" href={connectionHref}>
          Connection
        </Link>
      </p>
      {news ? (
        <NewTypes
          types={typesSince(news.since, value)}
          onAdd={() => {
            const added = typesSince(news.since, value);
            set(
              added.map((type) => type.key),
              true,
            );
            setUnfolded((before) => new Set([...before, ...added.map((type) => type.category)]));
          }}
          onLeaveOut={news.onLeaveOut}
        />
      ) : null}
      {error ? (
        <Input.Error id="policy-types-error" mb={8}>
          {error}
        </Input.Error>
      ) : null}
      <div className={classes.groups}>
        {categories.map((category) => {
          const types = shown.filter((type) => type.category === category);
          if (types.length === 0) return null;
          const keys = types.map((type) => type.key);
          const count = keys.filter((key) => chosen.has(key)).length;
          // What was looked for is shown.
          const open = wanted !== "" || unfolded.has(category);
          return (
            <div key={category} className={classes.group}>
              <div className={classes.head}>
                <Checkbox
                  label={
                    <>
                      {category}{" "}
                      <span className={classes.tally}>
                        {count} of {keys.length}
                      </span>
                    </>
                  }
                  classNames={{ label: classes.category ?? "" }}
                  checked={count === keys.length}
                  indeterminate={count > 0 && count < keys.length}
                  onChange={(event) => set(keys, event.currentTarget.checked)}
                />
                {wanted === "" ? (
                  <IconButton
                    size="sm"
                    aria-label={`Types of ${category}`}
                    aria-expanded={open}
                    onClick={() =>
                      setUnfolded((before) => {
                        const next = new Set(before);
                        if (!next.delete(category)) next.add(category);
                        return next;
                      })
                    }
                  >
                    <IconChevronDown size={15} aria-hidden className={classes.chevron ?? ""} />
                  </IconButton>
                ) : null}
              </div>
              <div className={classes.types} hidden={!open}>
                {types.map((type) => (
                  <Checkbox
                    key={type.key}
                    size="xs"
                    label={type.label}
                    description={
                      missing[type.key] ? (
                        <span className={classes.missing}>The connection lacks {missing[type.key]}</span>
                      ) : undefined
                    }
                    checked={chosen.has(type.key)}
                    onChange={(event) => set([type.key], event.currentTarget.checked)}
                  />
                ))}
              </div>
            </div>
          );
        })}
        {shown.length === 0 ? <p className="tp-dim">No policy type has this name.</p> : null}
      </div>
      <details className={classes.unreadable}>
        <summary>What cannot be backed up</summary>
        <p>
          Microsoft Graph shows these only to a signed-in person, never to an application such as TenantPilot:
        </p>
        <ul>
          {notReadable.map(({ label, why }) => (
            <li key={label}>
              {label} <span className="tp-dim">{why}</span>
            </li>
          ))}
        </ul>
      </details>
    </fieldset>
  );
}

function Permissions({ state }: { state: PermissionState }) {
  switch (state.kind) {
    case "unconnected":
      return "The tenant has no connection yet: nothing can be read before it has one.";
    case "untested":
      return "Which of them the connection may read is not known: it was not tested since it was saved.";
    case "refused":
      return (
        <span className={classes.missing}>
          The connection could not sign in when it was tested <RelativeTime at={state.testedAt} />.
        </span>
      );
    case "tested": {
      const count = policyTypes.filter((type) => state.missing[type.key]).length;
      return count === 0 ? (
        <>
          The connection may read every policy type (tested <RelativeTime at={state.testedAt} />
          ).
        </>
      ) : (
        <span className={classes.missing}>
          The connection lacks permissions for {count === 1 ? "1 policy type" : `${count} policy types`}{" "}
          (tested <RelativeTime at={state.testedAt} />
          ).
        </span>
      );
    }
  }
}

/** The policy types that came with a newer catalog than a schedule's, and that it does not back up. */
export function typesSince(
  revision: number,
  chosen: readonly string[],
): { key: string; label: string; category: string }[] {
  return catalog.filter(
    (type) => type.kind === "policy" && type.since > revision && !chosen.includes(type.key),
  );
}

/** Says which policy types are new since a schedule's were chosen. A schedule never takes them by itself. */
function NewTypes({
  types,
  onAdd,
  onLeaveOut,
}: {
  types: readonly { key: string; label: string }[];
  onAdd: () => void;
  onLeaveOut: () => void;
}) {
  if (types.length === 0) return null;
  const [subject, them] =
    types.length === 1 ? ["1 policy type is new", "it"] : [`${types.length} policy types are new`, "them"];
  return (
    <section className={classes.news} aria-label="New policy types">
      <p>
        <strong>{subject} since you saved this.</strong> The schedule does not back {them} up yet.
      </p>
      <details>
        <summary>Which?</summary>
        <p>{types.map((type) => type.label).join(", ")}</p>
      </details>
      <Group gap={6} mt={8}>
        <Button size="compact-sm" onClick={onAdd}>
          Add {them}
        </Button>
        <Button size="compact-sm" variant="default" onClick={onLeaveOut}>
          Leave {them} out
        </Button>
      </Group>
    </section>
  );
}
