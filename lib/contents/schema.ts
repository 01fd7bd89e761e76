import { z } from "zod";
import { namesSearched } from "#lib/limits";
import { pageFields } from "#lib/pagination";
import { graphId, id, instant, itemKind, policyType } from "#lib/view-fields";

/** Where in policies a text may stand. */
export const contentPlaces = ["anywhere", "settings", "assignments"] as const;
export type ContentPlace = (typeof contentPlaces)[number];

/** Whether a policy must hold the text now, or in any kept set. */
export const contentTimes = ["now", "ever"] as const;

const needed = "must have at least two letters or digits";

export const contentSearchSchema = z.strictObject({
  ...pageFields,
  search: z
    .string()
    .trim()
    .max(200, "must be at most 200 characters")
    .refine((text) => (text.match(/[\p{L}\p{N}]/gu) ?? []).length >= 2, needed)
    .meta({
      description:
        "Any part of a text in a policy, in any letter case: of a value, the name of a property (also in words), an id, or " +
        `the name behind an id, such as a group's, as the newest ${namesSearched.lists} lists of names have it. Two letters or digits at least.`,
    }),
  place: z.enum(contentPlaces).default("anywhere").meta({
    description:
      "settings: names of properties and ids of settings; assignments: groups, filters and users that it is for",
  }),
  time: z.enum(contentTimes).default("now").meta({
    description: "now: policies that hold it in the newest set that read them; ever: in any kept set",
  }),
  policy_type: policyType.optional(),
});

/** A place in a policy where the text stands. */
export const contentMatchView = z.strictObject({
  path: z.string().meta({
    description: "In the policy's JSON",
    examples: ["settings[0].settingInstance.settingDefinitionId"],
  }),
  excerpt: z.string().meta({ description: "The text around what was found; never a secret" }),
  name: z.string().nullable().meta({ description: "What an id there is called, if that is known" }),
});
export type ContentMatch = z.infer<typeof contentMatchView>;

/** A policy that holds the text. */
export const foundPolicyView = z.strictObject({
  kind: itemKind,
  policy_type: policyType,
  graph_id: graphId,
  display_name: z.string().meta({ description: "In the newest set in which the policy holds the text" }),
  set_id: id.meta({ description: "The newest kept set in which the policy holds the text" }),
  item_id: id,
  first_seen_at: instant.meta({ description: "When the first kept set in which it holds the text was made" }),
  last_seen_at: instant.meta({ description: "When the newest such set was made" }),
  is_now: z.boolean().meta({ description: "It holds the text in the newest set that read it" }),
  match_count: z.int().meta({ description: "Places in its newest version" }),
  matches: z.array(contentMatchView).meta({ description: "The first of them" }),
});
export type FoundPolicy = z.infer<typeof foundPolicyView>;

export const contentSearchView = z.strictObject({
  items: z.array(foundPolicyView),
  next_cursor: z
    .string()
    .nullable()
    .meta({
      description:
        "Send it as cursor for the next page. A page can be short, or empty, and have a next one: it ends when a bounded " +
        "number of policies has been read",
    }),
});
export type ContentSearchPage = z.infer<typeof contentSearchView>;
