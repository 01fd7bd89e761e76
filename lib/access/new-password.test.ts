import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { initialPassword } from "./initial-password.ts";
import { newPasswordFault } from "./new-password.ts";

const person = { email: "some.body@account.example", name: "Some Body" };

describe("a password that a person chooses", () => {
  test.each([
    ["eleven char", /at least 12/],
    ["x".repeat(201), /at most 200/],
    // Theirs, and ours.
    ["Some.Body@2026", /your name/],
    ["some.body@account.example", /your name/],
    ["tenantpilot-123", /name of this service/],
    ["S0meB0dyS0meB0dy", /easy to guess/],
    ["T3n4ntP1l0t!!", /easy to guess/],
    // Out of breaches, and what people put behind and in between.
    ["iloveyou1234", /easy to guess/],
    ["football1234", /easy to guess/],
    ["letmein12345", /easy to guess/],
    ["welcome12345", /easy to guess/],
    ["administrator", /easy to guess/],
    ["password2026!!", /easy to guess/],
    ["Winter2026!!", /easy to guess/],
    ["January2026!!", /easy to guess/],
    ["P@ssw0rdP@ssw0rd", /easy to guess/],
    ["ChangeMe2026!", /easy to guess/],
    // Walks over the keyboard, repetitions, sequences.
    ["1q2w3e4r5t6y", /easy to guess/],
    ["zaq12wsxcde3", /easy to guess/],
    ["qwertyuiop[]", /easy to guess/],
    ["111111111112", /easy to guess/],
    ["aaaaaaaaaaaaaa", /easy to guess/],
    ["abcabcabcabcabc", /easy to guess/],
    ["0123456789012", /easy to guess/],
    ["abcdefghijklm", /easy to guess/],
  ])("%s is refused", async (password, fault) => {
    expect(await newPasswordFault(password, person)).toMatch(fault);
  });

  test.each([
    "four words do nicely",
    "Gräfin Ölçek 大丈夫です",
    "correct horse battery staple",
    "gloomy-otter-42",
    "xK9#mP2$vL5n",
    // No rule of composition.
    "velvetharborquartz",
    "830274619358",
    initialPassword(),
    "a sentence of many words ".repeat(8),
  ])("%s will do", async (password) => {
    expect(await newPasswordFault(password, person)).toBeNull();
  });
});

test("the lists of common passwords are loaded when they are needed, and never in a browser", () => {
  const files = globSync("{app,components,lib}/**/*.{ts,tsx}").map((file) => ({
    file: file.replaceAll("\\", "/"),
    imports: readFileSync(file, "utf8").match(/^(?:import|export) (?!type\b)[^;]*? from "[^"]+";$/gm) ?? [],
  }));
  const importing = (what: RegExp) =>
    files.filter(({ imports }) => imports.some((line) => what.test(line))).map(({ file }) => file);
  expect(files.length).toBeGreaterThan(500);
  expect(importing(/"@zxcvbn-ts\//)).toEqual([]);
  expect(importing(/\/guessable(\.ts)?"/)).toEqual(["lib/access/new-password.ts"]);
  expect(importing(/\/new-password(\.ts)?"/).filter((file) => file.startsWith("components/"))).toEqual([]);
});
