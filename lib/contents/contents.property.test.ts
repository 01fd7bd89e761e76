import canonicalJson from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noWordContext } from "#lib/words/schema";
import { wordsOf } from "#lib/words/words-of";
import { findMatches, mayHold } from "./find-matches.ts";
import type { ContentPlace } from "./schema.ts";
import {
  decodeSegment,
  encodeSegment,
  holdersOfPart,
  holdersOfTerm,
  keysIn,
  merged,
  type Segment,
  segmentOf,
  without,
} from "./segment.ts";
import { fold, piecesOf, termsIn, termsOf } from "./terms.ts";
import { textsOf } from "./texts.ts";

const guid = fc.uuid().map((id) => id.toLowerCase());
const text = fc.oneof(
  guid,
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom(
    "BitLocker – Alle Geräte",
    "ΟΔΟΣ",
    "device_vendor_msft_bitlocker_1",
    "İstanbul",
    "条件付きアクセス",
  ),
  fc.tuple(guid, fc.constantFrom("", "x", "_", "-"), guid).map((parts) => parts.join("")),
  fc.string({ unit: fc.constantFrom("a", "b", "0", "é"), minLength: 60, maxLength: 140 }),
  // A payload, as scripts are stored.
  fc.string({ minLength: 20, maxLength: 40 }).map((plain) => Buffer.from(plain).toString("base64")),
);
const policy = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.oneof(text, fc.array(text), fc.integer()),
);

/** What the index answers: which of the policies could hold the text. */
function candidates(segments: readonly Segment[], needle: string): Set<string> {
  const found = new Set<string>();
  for (const segment of segments) {
    const marks = piecesOf(fold(needle)).map((piece) => holdersOfPart(segment, piece));
    keysIn(segment.keys).forEach((key, place) => {
      if (marks.every((holders) => holders[place] === 1)) found.add(key);
    });
  }
  return found;
}

const key = (n: number) => n.toString(16).padStart(16, "0");

describe("the index over contents", () => {
  it("leaves out no policy that holds a text, whatever became of its segments", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(policy, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.nat(),
        fc.nat({ max: 40 }),
        async (policies, which, from, length) => {
          const half = Math.ceil(policies.length / 2);
          const of = (some: readonly object[], first: number) =>
            segmentOf(new Map(some.map((document, n) => [key(first + n), termsOf(document)])));
          const stored = [of(policies.slice(0, half), 0), of(policies.slice(half), half)];
          const decoded = await Promise.all(
            stored.map(async (segment) => decodeSegment(await encodeSegment(segment))),
          );
          const whole = merged(decoded);
          const lessOne = without(whole, new Set([key(0)]));
          const texts = policies.flatMap((document) => textsOf(document).map((each) => each.text));
          const chosen = Array.from(texts[which % Math.max(1, texts.length)] ?? "x");
          const at = from % Math.max(1, chosen.length);
          const needle = chosen.slice(at, at + 1 + length).join("");
          const naive = policies.flatMap((document, n) =>
            textsOf(document).some((each) => fold(each.text).includes(fold(needle))) ? [key(n)] : [],
          );
          // Neither is any ruled out by its JSON, before it is parsed.
          const ruledOut = policies.flatMap((document, n) =>
            mayHold(canonicalJson(document) ?? "", { text: fold(needle), named: new Map() }) ? [] : [key(n)],
          );
          expect(naive.filter((each) => ruledOut.includes(each))).toEqual([]);
          for (const segments of [decoded, [whole]]) {
            const found = candidates(segments, needle);
            expect(naive.filter((each) => !found.has(each))).toEqual([]);
          }
          const rest = candidates([lessOne], needle);
          expect(rest.has(key(0))).toBe(false);
          expect(naive.filter((each) => each !== key(0) && !rest.has(each))).toEqual([]);
          // A value as a whole has each of its terms.
          for (const term of termsIn(fold(texts[which % Math.max(1, texts.length)] ?? ""))) {
            expect(holdersOfTerm(whole, term).length).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it("keeps no term of a policy that was removed", () => {
    const both = segmentOf(
      new Map([
        [key(1), termsOf({ displayName: "Contoso secret plan 11111111-2222-4333-8444-555555555555" })],
        [key(2), termsOf({ displayName: "Contoso plan" })],
      ]),
    );
    const left = without(both, new Set([key(1)]));
    expect(keysIn(left.keys)).toEqual([key(2)]);
    expect(left.words.split("\n").filter(Boolean)).toEqual(["contoso", "displayname", "plan"]);
    expect(left.guids).toBe("");
  });
});

describe("what is ruled out before it is parsed", () => {
  it("is what holds neither the text nor one of the ids that are called so, and no payload", () => {
    const json = canonicalJson({ a: "Corporate Wi-Fi", groupId: "G-1", settings: [12] }) ?? "";
    const holds = (text: string, ids: string[] = []) =>
      mayHold(json, { text, named: new Map(ids.map((id) => [id, "Pilots"])) });
    expect(["rate wi-", "groupid", "12", 'a "'].map((text) => holds(text))).toEqual([true, true, true, true]);
    expect([holds("pilots"), holds("pilots", ["g-2"]), holds("pilots", ["g-1"])]).toEqual([
      false,
      false,
      true,
    ]);
    const script = canonicalJson({ scriptContent: Buffer.from("Write-Host 'Hello'").toString("base64") });
    expect(mayHold(script ?? "", { text: "hello", named: new Map() })).toBe(true);
  });
});

describe("what people read in words", () => {
  const found = (document: object, search: string, place: ContentPlace = "settings") => {
    const needle = { text: fold(search), named: new Map<string, string>(), place };
    // Neither the index nor the look at the JSON leaves out what is found.
    const segment = segmentOf(new Map([[key(1), termsOf(document)]]));
    const isOpen = candidates([segment], search).size > 0 && mayHold(canonicalJson(document) ?? "", needle);
    return isOpen ? findMatches(document, needle, 3).matches.map(({ excerpt }) => excerpt) : [];
  };

  it("is found by all devices and all users", () => {
    const target = (type: string) => ({
      target: { "@odata.type": `#microsoft.graph.${type}AssignmentTarget` },
    });
    const document = { displayName: "P", assignments: [target("allDevices"), target("allLicensedUsers")] };
    expect(found(document, "all devices", "assignments")).toEqual(["All devices"]);
    expect(found(document, "All users", "assignments")).toEqual(["All users"]);
    expect(found(document, "all users", "settings")).toEqual([]);
    expect(found({ assignments: [target("group")] }, "all devices", "assignments")).toEqual([]);
    expect(found(document, "AssignmentTarget", "anywhere")).toEqual([]);
  });

  it("is found by the name of a property", () => {
    const document = { passwordMinimumLength: 12, deadlineForQualityUpdatesInDays: 2, wiFiEnabled: true };
    expect(found(document, "Password minimum length")).toEqual(["passwordMinimumLength: 12"]);
    expect(found(document, "for quality updates")).toEqual(["deadlineForQualityUpdatesInDays: 2"]);
    expect(found(document, "Wi-Fi enabled")).toEqual(["wiFiEnabled: true"]);
    expect(found(document, "password length")).toEqual([]);
    // Letters of two words that happen to stand side by side.
    expect(found(document, "word mini")).toEqual(["passwordMinimumLength: 12"]);
    expect(found(document, "w o")).toEqual([]);
  });

  it("is found by the value of an enum", () => {
    const document = {
      state: "enabledForReportingButNotEnforced",
      protection: "notConfigured",
      displayName: "Not Configured",
      platforms: "windows10AndLater",
      description: "It was notConfigured before",
    };
    const anywhere = (search: string) => found(document, search, "anywhere");
    expect(anywhere("Enabled for reporting")).toEqual(["enabledForReportingButNotEnforced"]);
    expect(anywhere("not configured")).toEqual(["notConfigured", "Not Configured"]);
    expect(anywhere("10 and later")).toEqual(["windows10AndLater"]);
    expect(anywhere("not reporting")).toEqual([]);
    expect(found(document, "Enabled for reporting")).toEqual([]);
  });
});

describe("scripts", () => {
  const utf16be = Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from("Größe = 1", "utf16le").swap16()]);
  it.each([
    ["Windows-1252", Buffer.from('Write-Output "Grün" # the colour of the house', "latin1"), "Grün"],
    ["Windows-1252, long", Buffer.from(`Write-Output "Grün" # ${"as it was ".repeat(40)}`, "latin1"), "Grün"],
    ["UTF-16 BE", utf16be, "Größe"],
    ["UTF-8, short", Buffer.from("Get-Grünes -A"), "Grünes"],
  ])("in %s are found as the texts that people are shown", (_, bytes, text) => {
    const document = { scriptContent: bytes.toString("base64") };
    const needle = { text: fold(text), named: new Map<string, string>(), place: "anywhere" as const };
    expect(mayHold(canonicalJson(document) ?? "", needle)).toBe(true);
    expect(findMatches(document, needle, 1).matches).toMatchObject([
      { path: "scriptContent", excerpt: expect.stringContaining(text) },
    ]);
    expect([...termsOf(document)]).toEqual(expect.arrayContaining(piecesOf(fold(text))));
    expect(wordsOf("deviceManagementScript", document, noWordContext).sections[0]?.rows[0]?.value).toEqual(
      expect.objectContaining({ text: expect.stringContaining(text) }),
    );
  });

  it("are no letters that only look like one: those are found as they are", () => {
    const letters = "ConfigurationOfDevices24";
    const texts = (property: string) => textsOf({ [property]: letters }).map(({ text }) => text);
    expect(texts("displayName")).toEqual(["displayName", letters]);
    expect(texts("value")).toContain(letters);
    const hash = "0123456789abcdef".repeat(4);
    expect(textsOf({ value: hash }).map(({ text }) => text)).toEqual(["value", hash]);
  });
});

describe("what can be found in a policy", () => {
  it("is names of what is set, values and decoded payloads, and never what stands for a secret", () => {
    const texts = textsOf({
      "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
      displayName: "Win",
      description: null,
      lastModified: "2026-11-29T12:00:00.0000000Z",
      passwordMinimumLength: 12,
      isOn: false,
      scriptContent: Buffer.from("Write-Host 'Hello Contoso'").toString("base64"),
      icon: Buffer.from(Array.from({ length: 300 }, (_, n) => (n * 89) % 256)).toString("base64"),
      omaSettings: [{ isEncrypted: true, omaUri: "./Vendor/X", value: "****" }],
      settings: [
        {
          simpleSettingValue: {
            "@odata.type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue",
            value: "a-token",
          },
        },
      ],
    });
    const found = texts.map(({ path, kind, text }) =>
      kind === "name" ? path.join(".") : `${path.join(".")}=${text}`,
    );
    expect(found).toEqual([
      "displayName",
      "displayName=Win",
      "lastModified",
      "passwordMinimumLength",
      "passwordMinimumLength=12",
      "isOn",
      "scriptContent",
      "scriptContent=Write-Host 'Hello Contoso'",
      "icon",
      "omaSettings",
      "omaSettings.0.isEncrypted",
      "omaSettings.0.omaUri",
      "omaSettings.0.omaUri=./Vendor/X",
      "omaSettings.0.value",
      "settings",
      "settings.0.simpleSettingValue",
      "settings.0.simpleSettingValue.value",
    ]);
  });
});
