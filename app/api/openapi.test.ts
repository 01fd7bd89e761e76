import { describe, expect, test } from "vitest";
import { openApiDocument } from "#lib/http/openapi";
import { openApiPage } from "#lib/http/openapi-page";
import { served } from "./served.ts";

const endpoints = await served();
const document = openApiDocument(endpoints);

/** The essential parts of docs/contract/backup-scheduling.openapi.yaml: what consumers were promised. */
const promised = {
  paths: {
    "/tenants/{tenantId}/backup-schedules": { get: ["200"], post: ["201", "422"] },
    "/tenants/{tenantId}/backup-schedules/{scheduleId}": { patch: ["200", "422"], delete: ["204"] },
    "/tenants/{tenantId}/backup-schedules/{scheduleId}/run-now": { post: ["202"] },
    "/tenants/{tenantId}/backup-schedules/{scheduleId}/retry": { post: ["202"] },
    "/tenants/{tenantId}/backup-schedules/{scheduleId}/runs": { get: ["200"] },
  } as Record<string, Record<string, string[]>>,
  schemas: {
    BackupSchedule: {
      required: [
        "id",
        "tenant_id",
        "name",
        "is_enabled",
        "timezone",
        "frequency",
        "time_of_day",
        "policy_types",
        "retention_keep_last",
      ],
      properties: {
        id: "integer",
        tenant_id: "integer",
        name: "string",
        is_enabled: "boolean",
        timezone: "string",
        frequency: "string",
        time_of_day: "string",
        days_of_week: "array?",
        policy_types: "array",
        include_foundations: "boolean",
        retention_keep_last: "integer",
        last_run_at: "string?",
        last_run_status: "string?",
        next_run_at: "string?",
      },
    },
    BackupScheduleCreate: {
      required: ["name", "timezone", "frequency", "time_of_day", "policy_types"],
      properties: {
        name: "string",
        is_enabled: "boolean",
        timezone: "string",
        frequency: "string",
        time_of_day: "string",
        days_of_week: "array?",
        policy_types: "array",
        include_foundations: "boolean",
        retention_keep_last: "integer",
      },
    },
    BackupScheduleUpdate: {
      required: [],
      properties: {
        name: "string",
        is_enabled: "boolean",
        timezone: "string",
        frequency: "string",
        time_of_day: "string",
        days_of_week: "array?",
        policy_types: "array",
        include_foundations: "boolean",
        retention_keep_last: "integer",
      },
    },
    BackupScheduleRun: {
      required: ["id", "backup_schedule_id", "tenant_id", "scheduled_for", "status"],
      properties: {
        id: "integer",
        backup_schedule_id: "integer",
        tenant_id: "integer",
        scheduled_for: "string",
        started_at: "string?",
        finished_at: "string?",
        status: "string",
        summary: "object",
        error_code: "string?",
        error_message: "string?",
        backup_set_id: "integer?",
      },
    },
  } as Record<string, { required: string[]; properties: Record<string, string> }>,
};

interface SchemaObject {
  description?: string;
  type?: string | string[];
  $ref?: string;
  enum?: unknown[];
  items?: SchemaObject;
  properties?: Record<string, SchemaObject>;
  required?: string[];
}

function resolve(schema: SchemaObject | undefined): SchemaObject {
  const name = schema?.$ref?.split("/").at(-1);
  return name ? resolve(document.components.schemas[name]) : (schema ?? {});
}

const schemaOf = (name: string) => resolve({ $ref: `#/components/schemas/${name}` });

describe("the OpenAPI document", () => {
  test("has every path, method and status of the contract", () => {
    for (const [path, methods] of Object.entries(promised.paths)) {
      for (const [method, statuses] of Object.entries(methods)) {
        const operation = document.paths[path]?.[method];
        expect(Object.keys(operation?.responses ?? {}), `${method} ${path}`).toEqual(
          expect.arrayContaining(statuses),
        );
      }
    }
  });

  test.each(Object.entries(promised.schemas))(
    "%s has what the contract's has, and asks for no more",
    (name, expected) => {
      const schema = schemaOf(name);
      const types = Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, property]) => {
          const [type, ...others] = [resolve(property).type].flat();
          return [key, `${type}${others.includes("null") ? "?" : ""}`];
        }),
      );
      expect(types).toMatchObject(expected.properties);
      const isAnswer = !/Create|Update/.test(name);
      if (isAnswer) expect(schema.required).toEqual(expect.arrayContaining(expected.required));
      // A request may not need more than the contract says.
      else expect([...(schema.required ?? [])].sort()).toEqual([...expected.required].sort());
    },
  );

  test("has the contract's enumerations, ranges and formats", () => {
    for (const name of ["BackupSchedule", "BackupScheduleCreate", "BackupScheduleUpdate"]) {
      const properties = schemaOf(name).properties ?? {};
      expect(properties.frequency?.enum, name).toEqual(["daily", "weekly"]);
      expect(properties.days_of_week?.items, name).toEqual({ type: "integer", minimum: 1, maximum: 7 });
      expect(properties.retention_keep_last, name).toMatchObject({ type: "integer", minimum: 1 });
    }
    const run = schemaOf("BackupScheduleRun").properties ?? {};
    expect(run.status?.enum).toEqual(["running", "success", "partial", "failed", "canceled", "skipped"]);
    expect(run.scheduled_for).toMatchObject({ type: "string", format: "date-time" });
    expect(run.scheduled_for).not.toHaveProperty("pattern");
  });

  test("refers only to schemas that it has, and describes every path parameter", () => {
    const text = JSON.stringify(document);
    for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(document.components.schemas, name).toHaveProperty(name);
    }
    expect(text).not.toMatch(/#\/(definitions|\$defs)\//);
    for (const [path, methods] of Object.entries(document.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const operation of Object.values(methods)) {
        expect(operation.parameters.filter((p) => p.in === "path").map((p) => p.name)).toEqual(names);
      }
    }
  });

  test("says of every parameter and of every field of a body what it is", () => {
    const silent: string[] = [];
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { parameters, requestBody }] of Object.entries(methods)) {
        const body = resolve(requestBody?.content["application/json"]?.schema).properties ?? {};
        const inputs = [...parameters.map((each) => [each.name, each] as const), ...Object.entries(body)];
        for (const [name, { description }] of inputs)
          if (!description) silent.push(`${method} ${path}: ${name}`);
      }
    }
    expect(silent).toEqual([]);
  });

  test("says of answers what people cannot guess: units, time zones, hashes, keys", () => {
    const silent: string[] = [];
    const look = (schema: SchemaObject | undefined, where: string) => {
      for (const [name, field] of Object.entries(schema?.properties ?? {})) {
        const needsWords = /^bytes|_ms$|^timezone$|sha256|^policy_type$|_at$|_reason$|^error_|^time_of/.test(
          name,
        );
        if (needsWords && !resolve(field).description) silent.push(`${where}.${name}`);
        look(field, `${where}.${name}`);
        look(field.items, `${where}.${name}[]`);
      }
    };
    for (const [name, schema] of Object.entries(document.components.schemas)) look(schema, name);
    for (const methods of Object.values(document.paths))
      for (const { operationId, responses } of Object.values(methods))
        for (const { content = {} } of Object.values(responses)) {
          const schema = content["application/json"]?.schema as SchemaObject | undefined;
          look(schema, operationId);
          look(schema?.items, operationId);
        }
    expect(silent).toEqual([]);
  });

  test("lets null be null where a choice may be null", () => {
    expect(schemaOf("BackupSchedule").properties?.last_run_status?.enum).toContain(null);
    expect(schemaOf("BackupScheduleRun").properties?.error_code?.enum).toContain(null);
  });
});

describe("the page", () => {
  const page = openApiPage(document);

  test("shows every operation, and loads nothing from elsewhere", () => {
    for (const { description } of endpoints) expect(page).toContain(`/api${description.path}`);
    expect(page).not.toMatch(/<script|<link|https?:\/\//);
  });

  test("shows what it is told as text", () => {
    const tag = { ...document, info: { ...document.info, title: "<img src=x>" } };
    expect(openApiPage(tag)).not.toContain("<img");
  });
});
