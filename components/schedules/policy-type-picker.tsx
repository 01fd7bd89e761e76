"use client";

import { Button, Checkbox, Group, Input, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { catalog } from "#lib/policies/catalog";
import classes from "./policy-type-picker.module.css";

const policyTypes = catalog.filter((type) => type.kind === "policy");
const categories = [...new Set(policyTypes.map((type) => type.category))];

/** Chooses policy types by category, with search, and says which the connection may not read. */
export function PolicyTypePicker({
  value,
  onChange,
  error,
  missing,
}: {
  value: readonly string[];
  onChange: (keys: string[]) => void;
  error?: string | undefined;
  /** Permission that the tested connection lacks, by policy type. */
  missing: Readonly<Record<string, string>>;
}) {
  const [search, setSearch] = useState("");
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
          return (
            <div key={category} className={classes.group}>
              <Checkbox
                label={category}
                classNames={{ label: classes.category ?? "" }}
                checked={count === keys.length}
                indeterminate={count > 0 && count < keys.length}
                onChange={(event) => set(keys, event.currentTarget.checked)}
              />
              <div className={classes.types}>
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
    </fieldset>
  );
}
