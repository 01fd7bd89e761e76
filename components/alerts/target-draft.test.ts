import { expect, test } from "vitest";
import type { TargetView } from "#lib/alerts/schema";
import type { Problem } from "#lib/errors";
import { type TargetDraft, targetChange, targetDraft, targetFaults } from "./target-draft.ts";

const target = (changes: Partial<TargetView>): TargetView => ({
  id: 1,
  kind: "email",
  name: "Night shift",
  hint: "night@contoso.example",
  recipients: [],
  to_owners: false,
  is_enabled: true,
  disabled_reason: null,
  failing_since: null,
  last_delivered_at: null,
  created_at: "2026-11-30T00:00:00.000Z",
  updated_at: "2026-11-30T00:00:00.000Z",
  ...changes,
});
const mail = target({ recipients: ["night@contoso.example", "day@contoso.example"], to_owners: true });
const webhook = target({ kind: "webhook", hint: "hooks.contoso.example/…" });
const changed = (before: TargetView, typed: Partial<TargetDraft>) =>
  targetChange(before, { ...targetDraft(before), ...typed });

test("what nobody has changed is not sent, and stays", () => {
  for (const each of [mail, webhook, target({ kind: "heartbeat" })]) expect(changed(each, {})).toEqual({});
  const same = { name: " Night shift ", recipients: "night@contoso.example; day@contoso.example" };
  expect(changed(mail, same)).toEqual({});
  expect(changed(webhook, { url: " ", authorization: " " })).toEqual({});
});

test("of mail the addresses are sent as a list, and whether the owners get it", () => {
  const typed = { recipients: "day@contoso.example, deputy@contoso.example\n", to_owners: false };
  expect(changed(mail, typed)).toEqual({
    recipients: ["day@contoso.example", "deputy@contoso.example"],
    to_owners: false,
  });
  expect(changed(mail, { recipients: "" })).toEqual({ recipients: [] });
});

test("of a webhook what is typed replaces what is stored, and its header can be taken away", () => {
  const typed = { name: "Desk", url: " https://desk.example/hook ", authorization: "Bearer t0p" };
  expect(changed(webhook, typed)).toEqual({ ...typed, url: "https://desk.example/hook" });
  expect(changed(webhook, { authorization: "Bearer t0p", drops_authorization: true })).toEqual({
    authorization: null,
  });
});

test("a fault is told at its field, and of addresses which one has it", () => {
  const faults = (messages: Record<string, string>) => {
    const problem: Problem = {
      type: "about:blank",
      title: "Some fields are not valid",
      status: 422,
      code: "VALIDATION_FAILED",
      detail: "",
      errors: Object.entries(messages).map(([path, message]) => ({ path, message })),
    };
    return targetFaults(problem, { recipients: ["night@contoso.example", "deputy", "chief"] });
  };
  const notMail = "must be a mail address";
  expect(faults({ "recipients.1": notMail, "recipients.2": notMail })).toEqual({
    recipients: "“deputy” must be a mail address; “chief” must be a mail address",
  });
  expect(faults({ recipients: "must be at most 20", url: "must not be empty" })).toEqual({
    recipients: "Must be at most 20",
    url: "Must not be empty",
  });
  expect(faults({ target_id: "must be a number" })).toEqual({});
});
