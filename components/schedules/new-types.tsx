import { Button, Group } from "@mantine/core";
import { catalog } from "#lib/policies/catalog";
import classes from "./policy-type-picker.module.css";

/** The policy types that came with a newer catalog than a schedule's, and that it does not back up. */
export function typesSince(revision: number, chosen: readonly string[]): { key: string; label: string }[] {
  return catalog.filter(
    (type) => type.kind === "policy" && type.since > revision && !chosen.includes(type.key),
  );
}

/** Says which policy types are new since a schedule's were chosen. A schedule never takes them by itself. */
export function NewTypes({
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
