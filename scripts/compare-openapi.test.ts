import { expect, test } from "vitest";
import { breakingChanges, type Description } from "./compare-openapi.ts";

const path = "/things";

/** A description of one operation, with a query parameter, a body and an answer. */
function description(changes: {
  parameter?: object;
  body?: object;
  answer?: object;
  more?: object;
  methods?: object;
}): Description {
  const json = (schema: object) => ({ content: { "application/json": { schema } } });
  const operation = {
    operationId: "doThings",
    parameters: [
      {
        name: "limit",
        in: "query",
        required: false,
        schema: { type: "integer", maximum: 200, ...changes.parameter },
      },
      ...(changes.more ? [changes.more] : []),
    ],
    requestBody: json({
      type: "object",
      properties: { kind: { type: "string", enum: ["a", "b"] } },
      required: [],
      ...changes.body,
    }),
    responses: {
      "200": json({ $ref: "#/components/schemas/Thing" }),
    },
  };
  const thing = {
    type: "object",
    properties: { id: { type: "integer" }, at: { type: ["string", "null"] } },
    required: ["id", "at"],
    ...changes.answer,
  };
  return {
    paths: { [path]: { post: operation, ...changes.methods } },
    components: { schemas: { Thing: thing } },
  } as unknown as Description;
}

const before = description({});
const changesOf = (changes: Parameters<typeof description>[0]) =>
  breakingChanges(before, description(changes));

test("what is new or wider breaks nobody", () => {
  expect(changesOf({})).toEqual([]);
  expect(
    changesOf({
      parameter: { maximum: 500, type: "number" },
      more: { name: "cursor", in: "query", required: false, schema: { type: "string" } },
      body: { properties: { kind: { type: "string", enum: ["a", "b", "c"] }, more: { type: "string" } } },
      answer: {
        properties: { id: { type: "integer" }, at: { type: "string" }, name: { type: "string" } },
        required: ["id", "at", "name"],
      },
      methods: { get: { operationId: "getThings", responses: {} } },
    }),
  ).toEqual([]);
});

test("null in the manner of OpenAPI 3.0 and of 3.1 is the same", () => {
  const at = { type: "string", nullable: true };
  const old = description({ answer: { properties: { id: { type: "integer" }, at } } });
  expect(breakingChanges(old, before)).toEqual([]);
});

test.each([
  ["a method", { methods: { post: undefined } }, `post ${path}: gone`],
  ["a bound", { parameter: { maximum: 100 } }, `post ${path} query limit: maximum 200, now 100`],
  [
    "a parameter's type",
    { parameter: { type: "string" } },
    `post ${path} query limit: no longer takes integer`,
  ],
  [
    "a parameter that is required",
    { more: { name: "to", in: "query", required: true, schema: { type: "string" } } },
    `post ${path} query to: required`,
  ],
  [
    "a value",
    { body: { properties: { kind: { type: "string", enum: ["a"] } } } },
    `post ${path} body.kind: no longer takes b`,
  ],
  ["a field that is required", { body: { required: ["kind"] } }, `post ${path} body.kind: required`],
  [
    "a field of an answer",
    { answer: { properties: { id: { type: "integer" } } } },
    `post ${path} 200.at: gone`,
  ],
  ["a field that may be missing", { answer: { required: ["id"] } }, `post ${path} 200.at: not always there`],
  [
    "a field that may be null",
    { answer: { properties: { id: { type: ["integer", "null"] }, at: { type: ["string", "null"] } } } },
    `post ${path} 200.id: may be null`,
  ],
])("finds %s", (_what, changes, change) => {
  expect(changesOf(changes)).toContain(change);
});
