import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalize } from "./canonical.ts";

const type = { volatile: ["deployedAppCount"] };
const textOf = (object: Record<string, unknown>) =>
  new TextDecoder().decode(canonicalize(object, type).document);
const stored = (object: Record<string, unknown>) => JSON.parse(textOf(object));

describe("canonicalize", () => {
  test("drops what Graph says about the data, and keeps the data and its types", () => {
    expect(
      stored({
        "@odata.context": "https://graph.microsoft.com/beta/$metadata#x",
        "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
        "@odata.id": "x('1')",
        "@odata.editLink": "x('1')",
        "@odata.etag": 'W/"1"',
        "@microsoft.graph.tips": "use $select",
        id: "1",
        createdDateTime: "2024-01-01T00:00:00Z",
        "createdDateTime@odata.type": "#DateTimeOffset",
        "roleScopeTagIds@odata.type": "#Collection(String)",
        roleScopeTagIds: ["0"],
        "assignments@odata.context": "…",
        "assignments@odata.navigationLink": "…",
        "deviceStatuses@odata.associationLink": "…",
        "#microsoft.graph.assign": { title: "microsoft.graph.assign" },
        settings: [
          { "@odata.type": "#microsoft.graph.x", "@odata.id": "y", value: null, "value@odata.type": "z" },
        ],
      }),
    ).toEqual({
      "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
      id: "1",
      createdDateTime: "2024-01-01T00:00:00Z",
      roleScopeTagIds: ["0"],
      settings: [{ "@odata.type": "#microsoft.graph.x", value: null }],
    });
  });

  test("what changes by itself changes no hash, and is kept beside it", () => {
    const policy = (day: number) => ({
      id: "1",
      displayName: "Policy",
      version: day,
      deployedAppCount: day * 10,
      lastModifiedDateTime: `2024-01-0${day}T00:00:00Z`,
      lastModifiedBy: `admin${day}`,
      "@odata.context": `context${day}`,
      definitionValues: [
        { enabled: true, lastModifiedDateTime: `2024-01-0${day}T00:00:00Z`, version: "1.0" },
      ],
      assignments: day === 1 ? [{ id: "a" }, { id: "b" }] : [{ id: "b" }, { id: "a" }],
    });
    const [monday, tuesday] = [canonicalize(policy(1), type), canonicalize(policy(2), type)];
    expect(tuesday.sha256).toBe(monday.sha256);
    expect(tuesday.volatile).toEqual({
      version: 2,
      deployedAppCount: 20,
      lastModifiedDateTime: "2024-01-02T00:00:00Z",
      lastModifiedBy: "admin2",
      "definitionValues/0/lastModifiedDateTime": "2024-01-02T00:00:00Z",
    });
    expect(JSON.parse(new TextDecoder().decode(monday.document)).definitionValues).toEqual([
      { enabled: true, version: "1.0" },
    ]);
  });

  test("the order of everything but assignments matters", () => {
    const order = (list: unknown[]) => canonicalize({ settings: list }, type).sha256;
    expect(order([1, 2])).not.toBe(order([2, 1]));
  });

  test("is RFC 8785: the standard's own example", () => {
    const example = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`);
    expect(textOf(example)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test("the hash is that of the bytes, and text that is no Unicode is refused", () => {
    const { document, sha256 } = canonicalize({ id: "ü" }, type);
    expect(sha256).toBe(createHash("sha256").update(document).digest("hex"));
    expect(() => canonicalize({ id: "\ud800" }, type)).toThrow();
  });

  test("loses nothing else, whatever the object", () => {
    const key = fc
      .string({ unit: "grapheme" })
      .filter((name) => !name.includes("@") && !name.startsWith("#"));
    const value = fc.jsonValue({ stringUnit: "grapheme" });
    fc.assert(
      fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (settings) => {
        const plain = JSON.parse(JSON.stringify({ settings }));
        expect(stored(plain)).toEqual(plain);
      }),
    );
  });
});
