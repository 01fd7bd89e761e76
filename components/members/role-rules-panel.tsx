"use client";

import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Role, roles } from "#lib/access/permissions";
import { type RoleRule, type RuleClaim, ruleClaims } from "#lib/members/role-rule-schema";
import type { addRoleRule, removeRoleRule } from "#lib/members/role-rules";
import type { ActionOf } from "../feedback/action-result.ts";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { errorsByField } from "../form/server-errors.ts";
import { useNoteUnsaved } from "../navigation/use-note-unsaved.ts";
import { Panel } from "../ui/panel.tsx";
import classes from "./members.module.css";

export interface RoleRuleActions {
  addRule: ActionOf<typeof addRoleRule>;
  removeRule: ActionOf<typeof removeRoleRule>;
}

const claims = Object.keys(ruleClaims) as RuleClaim[];

/** By which app roles and groups of Microsoft Entra ID people are members. */
export function RoleRulesPanel({
  rules,
  adds,
  actions,
}: {
  rules: readonly RoleRule[];
  /** Where none is added, as in an archived tenant, they are still removed. */
  adds: boolean;
  actions: RoleRuleActions;
}) {
  const { pending, run } = useAction();
  const [error, setError] = useState<string>();
  const [typed, setTyped] = useState(false);
  useNoteUnsaved(typed);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const claim = claims.find((known) => known === fields.get("claim")) ?? "roles";
    const role: Role = roles.find((known) => known === fields.get("role")) ?? "readonly";
    setError(undefined);
    run(() => actions.addRule({ claim, value: String(fields.get("value")), role }), {
      success: () => {
        form.reset();
        setTyped(false);
        toast.success("The rule counts from each person's next sign-in on.");
      },
      problem: (problem) => {
        const own = problem.code === "CONFLICT" ? problem.detail : errorsByField(problem).value;
        setError(own);
        return own !== undefined;
      },
    });
  };

  return (
    <Panel title="Roles by Microsoft Entra ID">
      <p className={classes.note}>
        Whoever signs in with Microsoft and has the app role, or is in the group, is a member with this role;
        the highest counts. A membership that no rule has made stays as it is.
      </p>
      {rules.length > 0 ? (
        <ul className={classes.rules} aria-label="Rules">
          {rules.map(({ id, claim, value, role }) => (
            <li key={id} className={classes.rule}>
              <span>
                {ruleClaims[claim]} <strong>{value}</strong>: {role}
              </span>
              <Button
                size="compact-sm"
                variant="default"
                flex="none"
                disabled={pending}
                aria-label={`Remove the rule for ${value}`}
                onClick={() =>
                  run(() => actions.removeRule({ rule_id: id }), {
                    success: () =>
                      toast.success(
                        "The rule is removed. Who is a member by it stays until their next sign-in with Microsoft.",
                      ),
                  })
                }
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      {adds ? (
        <form onSubmit={submit} noValidate aria-label="New rule" className={classes.newRule}>
          <NativeSelect
            label="What"
            name="claim"
            data={claims.map((value) => ({ value, label: ruleClaims[value] }))}
          />
          <TextInput
            label="Value or object id"
            name="value"
            autoComplete="off"
            maxLength={200}
            error={error}
            onChange={() => setTyped(true)}
            className={classes.ruleValue}
          />
          <NativeSelect label="Role by rule" name="role" data={[...roles]} />
          <Button type="submit" variant="default" loading={pending}>
            Add rule
          </Button>
        </form>
      ) : null}
    </Panel>
  );
}
