import { expect, test } from "vitest";
import type { z } from "zod";
import { newPersonSchema } from "#lib/members/accept-invitation-schema";
import { scheduleCreateSchema } from "#lib/schedules/schema";
import { tokenCreateSchema } from "#lib/tokens/schema";
import { nameSchema } from "./name-schema.ts";

test.each([
  "Nightly",
  " trimmed ",
  "Größe & Café – “nightly” 2.0",
  "日本語の名前",
  "שלום",
  "مرحبا",
  "می\u200cخواهم",
  "क्\u200dष",
  "👩\u200d💻 on call",
  "❤\ufe0f\u200d🔥",
])("%j is a name", (name) => {
  expect(nameSchema.parse(name)).toBe(name.trim());
});

test.each([
  ["", "empty"],
  ["   ", "empty"],
  ["n".repeat(201), "200"],
  ["Night\u200bly", "invisible"],
  ["\u200b", "invisible"],
  ["Night\u200dly", "invisible"],
  ["Night\u200cly", "invisible"],
  ["\u200dNightly", "invisible"],
  ["\u2060Nightly", "invisible"],
  ["Nightly\ufeff!", "invisible"],
  ["Night\u00adly", "invisible"],
  ["Night\u3164ly", "invisible"],
  ["Nightly\u{e0041}", "invisible"],
  ["\u202eylthgiN", "invisible"],
  ["\u2066Nightly\u2069", "invisible"],
  ["Nightly\u200f", "invisible"],
  ["Nightly\u061cx", "invisible"],
  ["Night\nly", "invisible"],
  ["Night\u0000ly", "invisible"],
  ["Night\u2028ly", "invisible"],
])("%j is none", (name, why) => {
  expect(nameSchema.safeParse(name).error?.issues[0]?.message).toContain(why);
});

test.each([
  ["a schedule", scheduleCreateSchema],
  ["a token", tokenCreateSchema],
  ["a person", newPersonSchema],
])("the name of %s is held to it", (_what, schema: z.ZodType) => {
  const issues = schema.safeParse({ name: "Night\u202ely" }).error?.issues ?? [];
  expect(issues.map(({ path, message }) => [path.join("."), message])).toContainEqual([
    "name",
    expect.stringContaining("invisible"),
  ]);
});
