import { z } from "zod";
import { permissions, personPermissions } from "#lib/access/permissions";
import { type ErrorCode, errorCodes, httpStatus } from "#lib/errors";
import { tags as chapters } from "#lib/http-binding";
import type { EndpointDescription } from "./endpoint.ts";
import { hoursKept, maxKeyLength } from "./idempotency.ts";
import { pathIdNames } from "./path-ids.ts";
import type { DescribedEndpoint } from "./route.ts";
import { problem } from "./schemas.ts";

/** A schema object of OpenAPI 3.1, which is JSON Schema 2020-12, or any other part of the document. */
type Json = { [key: string]: unknown };

export interface OpenApiParameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  description?: string;
  schema: Json;
}

export interface OpenApiOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters: OpenApiParameter[];
  requestBody?: { required: boolean; content: Record<string, { schema: Json }> };
  responses: Record<
    string,
    { description: string; headers?: Json; content?: Record<string, { schema: Json }> }
  >;
  security: Record<string, string[]>[];
}

export interface OpenApiDocument {
  openapi: "3.1.1";
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, OpenApiOperation>>;
  components: { schemas: Record<string, Json>; securitySchemes: Json };
}

/** The OpenAPI document of the given endpoints, from the very schemas that parse their requests. */
export function openApiDocument(endpoints: readonly DescribedEndpoint[]): OpenApiDocument {
  const schemas: Record<string, Json> = {};
  const paths: OpenApiDocument["paths"] = {};
  for (const { method, description } of endpoints) {
    paths[description.path] ??= {};
    Object.assign(paths[description.path] ?? {}, {
      [method.toLowerCase()]: operationObject(method, description, schemas),
    });
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "TenantPilot",
      version: "1.0.0",
      description:
        "Scheduled backups of Microsoft 365 tenant policies. Lists answer a JSON array; limit and cursor page it, and " +
        "the header Link (rel=next) leads to the next page. Errors are application/problem+json with a code.",
    },
    servers: [{ url: "/api" }],
    tags: [...new Set(endpoints.map(({ description }) => description.tag))].map((name) => ({
      name,
      description: chapters[name],
    })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API token of one tenant" },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "next-auth.session-token",
          description: "A signed-in browser. What changes something must come from TenantPilot's own pages.",
        },
      },
    },
  };
}

function operationObject(
  method: string,
  endpoint: EndpointDescription,
  schemas: Record<string, Json>,
): OpenApiOperation {
  const { answer, body, needs } = endpoint;
  const permission = needs === "caller" || needs === "platform" || needs === "nobody" ? null : needs;
  const role = permission && permissions[permission];
  const byPersonsOnly = needs === "platform" || (permission !== null && personPermissions.has(permission));
  const description = [
    endpoint.description,
    role && `Needs the role ${role}.`,
    needs === "platform" && "Needs a platform administrator.",
    byPersonsOnly && "For people who are signed in, not for API tokens.",
  ]
    .filter(Boolean)
    .join(" ");
  const mediaType = answer.mediaType ?? (answer.schema ? "application/json" : null);
  return {
    operationId: endpoint.id,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(description ? { description } : {}),
    parameters: [
      ...pathParameters(endpoint.path),
      ...queryParameters(endpoint.query, schemas),
      ...headerParameters(method, endpoint),
    ],
    ...(body
      ? {
          requestBody: {
            required: !body.optional,
            content: { "application/json": { schema: schemaObject(body.schema, "input", schemas) } },
          },
        }
      : {}),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...answerHeaders(endpoint),
        ...(mediaType
          ? {
              content: {
                [mediaType]: { schema: answer.schema ? schemaObject(answer.schema, "output", schemas) : {} },
              },
            }
          : {}),
      },
      ...(method === "GET" && endpoint.etag
        ? { "304": { description: "It is as If-None-Match says", headers: { ETag: etagHeader } } }
        : {}),
      ...problemResponses(method, endpoint, schemas),
    },
    security: needs === "nobody" ? [] : byPersonsOnly ? [{ session: [] }] : [{ bearer: [] }, { session: [] }],
  };
}

const nextPageHeader = {
  description: 'The next page, if there is one: <…>; rel="next"',
  schema: { type: "string" },
};
const locationHeader = { description: "Where it is", schema: { type: "string" } };
const etagHeader = {
  description: "Its version and a hash of this answer, in quotes",
  schema: { type: "string" },
};
const replayedHeader = {
  description: "This is the answer to an earlier request with the same Idempotency-Key",
  schema: { type: "string", enum: ["true"] },
};

/** The headers of a good answer. */
function answerHeaders({ answer, etag, idempotent }: EndpointDescription): { headers?: Json } {
  const headers = {
    ...(answer.paged ? { Link: nextPageHeader } : {}),
    ...(answer.status === 201 ? { Location: locationHeader } : {}),
    ...(etag ? { ETag: etagHeader } : {}),
    ...(idempotent ? { "Idempotency-Replayed": replayedHeader } : {}),
  };
  return Object.keys(headers).length > 0 ? { headers } : {};
}

function headerParameters(
  method: string,
  { etag, ifMatch, idempotent }: EndpointDescription,
): OpenApiParameter[] {
  const header = (name: string, description: string, schema: Json = {}): OpenApiParameter => ({
    name,
    in: "header",
    required: false,
    description,
    schema: { type: "string", ...schema },
  });
  return [
    ...(method === "GET" && etag
      ? [header("If-None-Match", "ETags that the caller has, or *: one that is current is answered 304")]
      : []),
    ...(ifMatch
      ? [
          header(
            "If-Match",
            "ETags, versions in quotes, or *: refused unless one of them has the current version",
          ),
        ]
      : []),
    ...(idempotent
      ? [
          header(
            "Idempotency-Key",
            `Chosen by the caller for this request: sent again within ${hoursKept} hours, it is done once and answered the same`,
            { minLength: 1, maxLength: maxKeyLength, pattern: "^[ -~]+$" },
          ),
        ]
      : []),
  ];
}

function pathParameters(path: string): OpenApiParameter[] {
  return pathIdNames(path).map((name) => ({
    name,
    in: "path",
    required: true,
    description: `Id of the ${name.replace(/Id$/, "").toLowerCase()}`,
    schema: { type: "integer", minimum: 1 },
  }));
}

function queryParameters(query: z.ZodType | undefined, schemas: Record<string, Json>): OpenApiParameter[] {
  if (!query) return [];
  const { properties, required = [] } = schemaObject(query, "input", schemas) as {
    properties: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(typeof description === "string" ? { description } : {}),
    schema,
  }));
}

/** Every code that an endpoint can answer, by status. */
function problemResponses(
  method: string,
  endpoint: EndpointDescription,
  schemas: Record<string, Json>,
): OpenApiOperation["responses"] {
  const possible = new Set<ErrorCode>(endpoint.errors);
  if (endpoint.ifMatch) possible.add("PRECONDITION_FAILED");
  if (endpoint.idempotent) possible.add("IDEMPOTENCY_KEY_REUSED");
  if (endpoint.needs !== "nobody") {
    for (const code of [
      "UNAUTHENTICATED",
      "MALFORMED_REQUEST",
      "VALIDATION_FAILED",
      "RATE_LIMITED",
      "UNAVAILABLE",
    ] as const)
      possible.add(code);
    if (method !== "GET") possible.add("CROSS_SITE_REQUEST");
  }
  if (endpoint.path.includes("{")) possible.add("NOT_FOUND").add("FORBIDDEN");
  if (endpoint.needs === "platform") possible.add("FORBIDDEN");
  if (method !== "GET") possible.add("PAYLOAD_TOO_LARGE").add("UNSUPPORTED_MEDIA_TYPE");
  const content = { "application/problem+json": { schema: schemaObject(problem, "output", schemas) } };
  const byStatus = Map.groupBy(
    errorCodes.filter((code) => possible.has(code)),
    (code) => String(httpStatus(code)),
  );
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, { description: codes.join(", "), content }]),
  );
}

/** A zod schema as OpenAPI 3.1 has it; what has a name goes to `schemas` and is referred to. */
function schemaObject(schema: z.ZodType, io: "input" | "output", schemas: Record<string, Json>): Json {
  const {
    $defs,
    $schema: _dialect,
    ...made
  } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // Answers may gain fields, and a date-time needs no pattern beside its format.
      if (io === "output" && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }) as Json & { $defs?: Record<string, Json> };
  const refer = (part: Json): Json =>
    JSON.parse(JSON.stringify(part).replaceAll('"#/$defs/', '"#/components/schemas/'), (_key, value) =>
      value?.anyOf ? orNull(value) : value,
    );
  for (const [name, definition] of Object.entries($defs ?? {})) schemas[name] = withoutId(refer(definition));
  return withoutId(refer(made));
}

/** `anyOf: [{type: "string"}, {type: "null"}]` in short, as people write it: `type: ["string", "null"]`. */
function orNull({ anyOf, ...rest }: Json & { anyOf: Json[] }): Json {
  const [one, other, ...more] = anyOf;
  if (!one || other?.type !== "null" || more.length > 0 || typeof one.type !== "string")
    return { anyOf, ...rest };
  return {
    ...one,
    type: [one.type, "null"],
    ...(Array.isArray(one.enum) ? { enum: [...one.enum, null] } : {}),
    ...rest,
  };
}

function withoutId({ id: _id, ...schema }: Json): Json {
  return schema;
}
