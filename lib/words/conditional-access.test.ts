import { expect, test } from "vitest";
import { graphTypings, type TypedProperty } from "#lib/testing/graph-typings";
import { accessSentences } from "./conditional-access.ts";
import { noWordContext } from "./schema.ts";

const typings = graphTypings("beta");

/** What may be set without another word, and why. */
const unsaid: ReadonlyMap<string, string> = new Map([
  ["id", "tells the policy apart"],
  ["displayName", "is the heading"],
  ["description", "Microsoft does not use it"],
  ["createdDateTime", "is no condition"],
  ["modifiedDateTime", "is no condition"],
  ["deletedDateTime", "is no condition"],
  ["grantControls.authenticationStrength.id", "the name stands for it"],
  ["grantControls.authenticationStrength.createdDateTime", "is of the strength"],
  ["grantControls.authenticationStrength.modifiedDateTime", "is of the strength"],
  ["grantControls.authenticationStrength.description", "is of the strength"],
  ["grantControls.authenticationStrength.policyType", "is of the strength"],
  ["grantControls.authenticationStrength.requirementsSatisfied", "is of the strength"],
  ["grantControls.authenticationStrength.allowedCombinations", "is of the strength"],
  ["grantControls.authenticationStrength.combinationConfigurations", "is of the strength"],
]);

/** Values that others depend on, so that all of them count. */
const first: Readonly<Record<string, readonly unknown[]>> = {
  operator: ["AND", "OR"],
  frequencyInterval: ["timeBased", "everyTime"],
  membershipKind: ["enumerated", "all"],
};

interface Leaf {
  path: string[];
  value: unknown;
  /** Others that it could have. */
  others: unknown[];
}

/** Every property of a type, and of those below it, with values that Graph could give. */
function leavesOf(type: string, above: readonly string[] = []): Leaf[] {
  // Below the policy, of types that are a base only, the one that says most.
  const whole = (above.length > 0 && typings.derivedOf(type).at(-1)) || type;
  return [...typings.propertiesOf(whole)].flatMap(([name, property]): Leaf[] => {
    const path = [...above, name];
    if (unsaid.has(path.join("."))) return [];
    if (typings.types.has(property.type)) return leavesOf(property.type, path);
    const [value, ...others] = first[name] ?? valuesOf(name, property);
    return [{ path, value, others }];
  });
}

function valuesOf(name: string, { type, collection }: TypedProperty): unknown[] {
  const plain =
    type === "boolean"
      ? [true, false]
      : type === "number"
        ? [7, 8]
        : (typings.enums
            .get(type)
            ?.filter((value) => !["unknownFutureValue", "all", "none", "block"].includes(value)) ?? [
            `${name} 1`,
            `${name} 2`,
          ]);
  return collection ? plain.map((_, at) => plain.slice(0, at + 1)) : plain;
}

function documentOf(leaves: readonly Leaf[]): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  for (const { path, value } of leaves) {
    let object = document;
    for (const step of path.slice(0, -1)) {
      object[step] ??= {};
      object = object[step] as Record<string, unknown>;
    }
    object[path.at(-1) ?? ""] = value;
  }
  return document;
}

const sentences = (leaves: readonly Leaf[]) => accessSentences(documentOf(leaves), noWordContext).join("\n");
const leaves = leavesOf("conditionalAccessPolicy");

test.each(leaves.map((leaf) => [leaf.path.join("."), leaf] as const))(
  "%s says something else when it is set otherwise",
  (_, leaf) => {
    const all = sentences(leaves);
    const others = leaf.others.map((value) =>
      sentences(leaves.map((each) => (each === leaf ? { ...leaf, value } : each))),
    );
    if (others.length === 0) others.push(sentences(leaves.filter((each) => each !== leaf)));
    for (const [at, other] of others.entries()) expect(other, String(leaf.others[at])).not.toBe(all);
    // No property has only the sentence for what is unknown.
    expect(all).not.toContain("not told here");
  },
);

test("the list of what may be set without another word names what there is", () => {
  for (const path of unsaid.keys()) {
    const steps = path.split(".");
    let type = "conditionalAccessPolicy";
    for (const step of steps) {
      const property = typings.propertiesOf(type).get(step);
      expect(property, path).toBeDefined();
      type = property?.type ?? "";
    }
  }
});

test("what is set and nobody knows yet is said to be there", () => {
  const document = {
    state: "enabled",
    conditions: {
      users: { includeUsers: ["All"], "includeUsers@odata.type": "x" },
      somethingNewLevels: "high",
    },
    sessionControls: {
      networkAccessSecurity: { isEnabled: true },
      other: { isEnabled: false },
      another: null,
    },
  };
  expect(accessSentences(document, noWordContext)).toEqual([
    "The policy is on.",
    "Applies to all users.",
    "Further conditions are set, which are not told here: “Something new levels”.",
    "Further controls are set, which are not told here: “Network access security”.",
  ]);
});

test("filters stand with what they filter, and what is only excluded is said", () => {
  const what = (applications: object) =>
    accessSentences({ conditions: { users: { includeUsers: ["All"] }, applications } }, noWordContext).slice(
      1,
    );
  const filter = (mode: string) => ({ applicationFilter: { mode, rule: 'a -eq "b"' } });
  expect(what({ includeApplications: ["All"], ...filter("exclude") })).toEqual([
    'When they access any resource, except apps that match a -eq "b".',
  ]);
  expect(what({ includeApplications: [], ...filter("include") })).toEqual([
    'When they access apps that match a -eq "b".',
  ]);
  expect(what({ includeApplications: ["None"] })).toEqual(["When they access nothing."]);
  const where = { locations: { excludeLocations: ["AllTrusted"] }, platforms: { excludePlatforms: ["iOS"] } };
  expect(accessSentences({ conditions: where }, noWordContext)).toEqual([
    "Applies to nobody.",
    "From any location, except all trusted locations.",
    "On any platform, except iOS/iPadOS.",
  ]);
});

test("a policy for what the sentences do not know is not said to be for nobody, or for nothing", () => {
  const document = {
    conditions: {
      users: { includeUsers: ["None"] },
      applications: { includeApplications: ["None"], includeSomethingElse: ["a"] },
      clientApplications: { includeSomethingNew: ["All"] },
    },
  };
  expect(accessSentences(document, noWordContext)).toEqual([
    "Applies to whom the further conditions name.",
    "When they access what the further conditions name.",
    "Further conditions are set, which are not told here: “Include something else” and “Include something new”.",
  ]);
});

// As Microsoft's template for agents at high risk makes it; the typings do not have these properties yet.
test("agents are said to be those whom a policy is for", () => {
  const agent = "4b8c0d3e-27f1-4a59-9c6b-1d2e3f405162";
  const document = {
    state: "enabled",
    conditions: {
      users: { includeUsers: ["None"] },
      applications: { includeApplications: ["AllAgentIdResources"] },
      clientApplications: {
        includeAgentIdServicePrincipals: ["All"],
        excludeAgentIdServicePrincipals: [agent],
        agentIdServicePrincipalFilter: { mode: "exclude", rule: 'a -eq "b"' },
      },
      agentIdRiskLevels: "medium,high",
    },
    grantControls: { operator: "OR", builtInControls: ["block"] },
  };
  expect(accessSentences(document, noWordContext)).toEqual([
    "The policy is on.",
    `Applies to all agent identities, except the agent identity “${agent}” and agent identities that match a -eq "b".`,
    "When they access All agent resources.",
    "When the risk of the agent is medium, high.",
    "Then access is blocked.",
  ]);
  const users = { conditions: { users: { includeUsers: ["AllAgentIdUsers"] } } };
  expect(accessSentences(users, noWordContext)).toEqual(["Applies to All agent users."]);
});

test("the trusted addresses of multifactor authentication are no deleted location", () => {
  const locations = {
    includeLocations: ["All"],
    excludeLocations: ["00000000-0000-0000-0000-000000000000"],
  };
  const document = { conditions: { users: { includeUsers: ["All"] }, locations } };
  expect(accessSentences(document, noWordContext)).toEqual([
    "Applies to all users.",
    "From any location, except “Multifactor authentication trusted IPs”.",
  ]);
});

test("where one control is enough, one of several terms of use is", () => {
  const needed = (operator: string) => {
    const grantControls = { operator, builtInControls: ["mfa"], termsOfUse: ["a", "b"] };
    return accessSentences({ grantControls }, noWordContext);
  };
  expect(needed("OR").at(-1)).toBe("Then access needs multifactor authentication or one of 2 terms of use.");
  expect(needed("AND").at(-1)).toBe("Then access needs multifactor authentication and all of 2 terms of use.");
});
