import { describe, expect, test } from "vitest";
import { withheldSecrets } from "#lib/capture/secrets";
import type { GraphObject } from "#lib/graph/shape";
import { noWordContext } from "#lib/words/schema";
import { wordsOf } from "#lib/words/words-of";
import { findMatches } from "./find-matches.ts";
import { textsOf } from "./texts.ts";

// What nobody may read is told by one predicate, whoever asks: the capture, the search and the words.

const secretValue = {
  "@odata.type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue",
  valueState: "encryptedValueToken",
  value: "hunter2-token",
};
const instance = (id: string, rest: object) => ({ settingInstance: { settingDefinitionId: id, ...rest } });
/** Two groups that only their secrets tell apart. */
const groups = {
  groupSettingCollectionValue: ["hunter2-a", "hunter2-b"].map((value) => ({
    children: [{ settingDefinitionId: "rule_name", simpleSettingValue: { ...secretValue, value } }],
  })),
};
const oma = (rest: object): GraphObject => ({
  "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
  displayName: "Custom",
  omaSettings: [{ displayName: "Key", omaUri: "./Vendor/Key", value: "hunter2-oma", ...rest }],
});

const documents: [string, string, GraphObject, string[]][] = [
  [
    "a setting of the catalog",
    "settingsCatalogPolicy",
    { name: "P", settings: [instance("s", { simpleSettingValue: secretValue })] },
    ["settings[0].settingInstance.simpleSettingValue.value"],
  ],
  [
    "a list of settings",
    "settingsCatalogPolicy",
    { name: "P", settings: [instance("s", { simpleSettingCollectionValue: [secretValue] })] },
    ["settings[0].settingInstance.simpleSettingCollectionValue[0].value"],
  ],
  [
    "groups of settings",
    "settingsCatalogPolicy",
    { name: "P", settings: [instance("s", groups)] },
    [0, 1].map(
      (n) =>
        `settings[0].settingInstance.groupSettingCollectionValue[${n}].children[0].simpleSettingValue.value`,
    ),
  ],
  ["an encrypted OMA setting", "deviceConfiguration", oma({ isEncrypted: true }), ["omaSettings[0].value"]],
  [
    "an OMA setting with a reference to its value",
    "deviceConfiguration",
    oma({ secretReferenceValueId: "r" }),
    ["omaSettings[0].value"],
  ],
  ["a masked value", "deviceConfiguration", oma({ value: "****" }), ["omaSettings[0].value"]],
  [
    "a key that is set",
    "deviceConfiguration",
    {
      "@odata.type": "#microsoft.graph.windowsWifiConfiguration",
      preSharedKey: null,
      preSharedKeyIsSet: true,
    },
    ["preSharedKey"],
  ],
  [
    "a shared secret",
    "deviceConfiguration",
    {
      "@odata.type": "#microsoft.graph.iosVpnConfiguration",
      authenticationMethod: "sharedSecret",
      sharedSecret: null,
    },
    ["sharedSecret"],
  ],
];

describe("a secret that Graph keeps to itself", () => {
  test.each(documents)("in %s is named, and neither shown nor found", (_, policyType, document, places) => {
    expect(withheldSecrets(document)).toEqual(places.map((place) => `secret not captured: ${place}`));

    const words = JSON.stringify(wordsOf(policyType, document, noWordContext));
    expect(words).toMatch(/"kind":"secret"|"items":\["Secret"\]/);
    expect(words).not.toMatch(/hunter2|\*\*\*/);

    const found = textsOf(document).filter(({ kind }) => kind === "value");
    expect(JSON.stringify(found)).not.toMatch(/hunter2|\*\*\*/);
    // What is found by the name of a setting or property is shown with its value.
    for (const text of ["value", "s", "key"]) {
      const needle = { text, named: new Map<string, string>(), place: "anywhere" as const };
      expect(JSON.stringify(findMatches(document, needle, 100))).not.toMatch(/hunter2|\*\*\*/);
    }
  });

  test("is none of what a policy says openly", () => {
    const document = oma({ value: "plain", isEncrypted: false, secretReferenceValueId: null });
    expect(withheldSecrets(document)).toEqual([]);
    expect(JSON.stringify(wordsOf("deviceConfiguration", document, noWordContext))).toContain("plain");
    expect(textsOf(document).map(({ text }) => text)).toContain("plain");
    // One that was given in the open is in the document; it is not shown all the same.
    const given = { ...secretValue, valueState: "notEncrypted" };
    const policy = { settings: [instance("s", { simpleSettingValue: given })] };
    expect(withheldSecrets(policy)).toEqual([]);
    expect(textsOf(policy).map(({ text }) => text)).not.toContain("hunter2-token");
  });
});
