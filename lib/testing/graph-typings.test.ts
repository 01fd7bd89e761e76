import { expect, it } from "vitest";
import { GraphTypings, graphTypings } from "./graph-typings.ts";

it("reads every declaration that Microsoft publishes", () => {
  const v1 = graphTypings("v1.0");
  const beta = graphTypings("beta");
  const propertiesIn = ({ types }: GraphTypings) =>
    [...types.values()].reduce((sum, { properties }) => sum + properties.size, 0);
  expect([v1.types.size, v1.enums.size, propertiesIn(v1)]).toEqual([2224, 739, 10_671]);
  expect([beta.types.size, beta.enums.size, propertiesIn(beta)]).toEqual([4994, 1659, 23_165]);
});

it("tells bases, lists, enums and what leads to other objects", () => {
  const beta = graphTypings("beta");
  expect(beta.lineOf("iosWiFiConfiguration")).toEqual([
    "iosWiFiConfiguration",
    "deviceConfiguration",
    "entity",
  ]);
  const app = beta.propertiesOf("win32LobApp");
  expect(app.get("id")).toEqual({ type: "string", collection: false, readOnly: true });
  expect(app.get("assignments")).toEqual({ type: "mobileAppAssignment", collection: true, readOnly: false });
  expect([...app].filter(([, property]) => beta.isNavigation(property)).map(([name]) => name)).toEqual([
    "assignments",
    "categories",
    "relationships",
    "contentVersions",
  ]);
  expect(beta.enums.get("mobileAppPublishingState")).toContain("published");
});

it.each([
  "export class Foo {}",
  "export type Foo = Bar;",
  "export interface Foo { bar?: Missing; }",
  "export interface Foo { bar: string | number; }",
  "export interface Foo {} export interface Foo {}",
  "export interface Foo {",
])("refuses what it does not know: %s", (declarations) => {
  expect(() => new GraphTypings(declarations)).toThrow();
});
