import { z } from "zod";
import type { WordRow } from "./schema.ts";

// What API and pages show of policies in words.

const wordValueView = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("text"), text: z.string() }),
    z.strictObject({ kind: z.literal("list"), items: z.array(z.string()) }),
    z.strictObject({
      kind: z.literal("code"),
      text: z.string(),
      language: z.string(),
      encoding: z.string().meta({ description: "How Graph serves it, such as `Base64, UTF-8`" }),
    }),
    z.strictObject({ kind: z.literal("secret") }),
    z.strictObject({ kind: z.literal("none") }),
  ])
  .meta({
    id: "WordValue",
    description: "secret: there is a value that nobody may read; none: a heading whose children say it",
  });

const pathView = z
  .array(z.union([z.string(), z.number()]))
  .meta({ description: "Where it stands in the document" });

const wordRowView: z.ZodType<WordRow> = z
  .strictObject({
    key: z.string().meta({ description: "Its identity in comparisons" }),
    path: pathView,
    category: z.array(z.string()).meta({ description: "From the outermost; may be empty" }),
    name: z.string().meta({ description: "The raw id where nobody names it" }),
    isNamed: z.boolean().meta({ description: "False: name or value is a raw id" }),
    value: wordValueView,
    note: z.string().exactOptional(),
    get children() {
      return z.array(wordRowView);
    },
  })
  .meta({ id: "WordRow" });

export const policyWordsView = z
  .strictObject({
    sections: z.array(z.strictObject({ key: z.string(), title: z.string(), rows: z.array(wordRowView) })),
    sentences: z.array(z.string()).meta({ description: "Of conditional access: who, what, where, then" }),
  })
  .meta({ id: "PolicyWords" });

export const wordChangeView = z
  .strictObject({
    key: z.string(),
    section: z.string(),
    category: z.array(z.string()).meta({ description: "What it stands below, from the outermost" }),
    path: pathView,
    name: z.string(),
    kind: z.enum(["added", "removed", "changed"]),
    before: wordValueView.nullable(),
    after: wordValueView.nullable(),
  })
  .meta({ id: "WordChange" });
