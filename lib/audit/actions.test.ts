import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  actionsOfGroup,
  actionWords,
  auditActions,
  auditGroups,
  auditTargets,
  entryWords,
} from "./actions.ts";
import type { AuditEntryInput } from "./entry.ts";

test("an entry of an unknown action, or about something else, does not compile", () => {
  const entries: AuditEntryInput[] = [
    { action: "schedule.created", target: { kind: "schedule", id: 1 } },
    { action: "connection.saved" },
    // @ts-expect-error: there is no such action
    { action: "schedule.renamed", target: { kind: "schedule", id: 1 } },
    // @ts-expect-error: it is about a schedule
    { action: "schedule.deleted", target: { kind: "set", id: 1 } },
    // @ts-expect-error: it must say which set
    { action: "set.pinned" },
    // @ts-expect-error: it is about nothing in particular
    { action: "audit.exported", target: { kind: "tenant", id: 1 } },
  ];
  expect(entries.filter(({ action }) => Object.hasOwn(auditActions, action))).toHaveLength(5);
});

test("statements that write entries take their actions and targets from the table", () => {
  const written = globSync("lib/**/*.ts", { exclude: ["**/*.test.ts", "lib/db/generated/**"] }).flatMap(
    (file) =>
      [...readFileSync(file, "utf8").matchAll(/INSERT INTO audit_log[^`]*`/g)].map(([text]) => ({
        file,
        text,
      })),
  );
  expect(written.length).toBeGreaterThan(3);
  for (const { file, text } of written) {
    expect(text, file).not.toMatch(/'[a-z_]+\.[a-z_]+'/);
    const [, action = ""] = /\{"([a-z_.]+)" satisfies AuditAction\}/.exec(text) ?? [];
    expect(Object.hasOwn(auditActions, action), `${file}: ${action}`).toBe(true);
    const { target } = auditActions[action as keyof typeof auditActions];
    expect(text, file).toContain(`'${target}'`);
  }
});

test("statements that look for an action by name look for one that there is", () => {
  // A partial index answers only to a name that stands in the statement itself.
  const sought = globSync("lib/**/*.ts", { exclude: ["**/*.test.ts", "lib/db/generated/**"] }).flatMap(
    (file) =>
      [...readFileSync(file, "utf8").matchAll(/\baction = '([a-z_.]+)'/g)].map(([, action = ""]) => action),
  );
  expect(sought).toContain("set.removed");
  for (const action of sought) expect(Object.hasOwn(auditActions, action), action).toBe(true);
});

test("the search and the table of targets know the same kinds", () => {
  const query = readFileSync(new URL("./matching.ts", import.meta.url), "utf8");
  const kinds = [...query.matchAll(/target_kind = '([a-z]+)'|WHEN '([a-z]+)' THEN/g)].map(
    ([, a, b]) => a ?? b ?? "",
  );
  for (const kind of kinds) expect(Object.hasOwn(auditTargets, kind), kind).toBe(true);
});

test("what somebody does to themselves is a whole sentence, which does not name them twice", () => {
  const by = { actor_kind: "user", actor_id: 7, target_kind: "user" };
  const ofThemselves = Object.entries(auditActions)
    .filter(([, { target }]) => target === "user")
    .map(([action]) => ({ action, ...entryWords({ ...by, action, target_id: 7 }) }));
  expect(ofThemselves.length).toBeGreaterThan(15);
  expect(ofThemselves.filter(({ namesTarget }) => namesTarget)).toEqual([]);
  // Refusals to sign in are the service's, about somebody.
  const unfinished = ofThemselves.filter(({ words }) =>
    /\b(of|for|as)$|^(added|removed|made|disabled|enabled) an? \w+$/.test(words),
  );
  expect(unfinished.map(({ action }) => action).filter((action) => !action.startsWith("sign_in."))).toEqual(
    [],
  );
  expect(entryWords({ ...by, action: "session.started", target_id: 7 })).toEqual({
    words: "signed in",
    namesTarget: false,
  });
  for (const [target_kind, target_id] of [
    ["user", 8],
    ["token", 7],
  ] as const)
    expect(entryWords({ ...by, action: "member.removed", target_kind, target_id })).toEqual({
      words: "removed a member",
      namesTarget: true,
    });
  expect(entryWords({ ...by, action: "connection.saved", target_id: null }).namesTarget).toBe(false);
});

test("every group has actions, and what the table does not know is readable all the same", () => {
  for (const group of Object.keys(auditGroups)) expect(actionsOfGroup(group), group).not.toEqual([]);
  expect(actionsOfGroup("set")).toEqual(expect.arrayContaining(["set.pinned", "sets.verified"]));
  expect(actionsOfGroup("toString")).toEqual([]);
  expect(actionWords("run.looked_at")).toBe("run looked at");
});
