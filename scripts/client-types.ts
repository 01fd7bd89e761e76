import { writeFile } from "node:fs/promises";
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import type { OpenApiDocument } from "#lib/http/openapi";

/**
 * The types of a client (openapi-fetch) of the API that a document describes: a module of declarations. A field with a
 * default may be left out of a request.
 */
export async function clientTypes(document: OpenApiDocument): Promise<string> {
  // openapi-typescript works with TypeScript's JavaScript API, which the TypeScript that checks this project has not.
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier === "typescript" ? "typescript-5" : specifier, context),
  });
  try {
    const { default: openapiTypes, astToString } = await import("openapi-typescript");
    // It resolves references in place, and the document is the caller's.
    const nodes = await openapiTypes(JSON.stringify(document), { defaultNonNullable: false });
    return astToString(nodes);
  } finally {
    hooks.deregister();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const file = process.argv[2] ?? "tenantpilot.d.ts";
  const { served } = await import("#app/api/served.ts");
  const { openApiDocument } = await import("#lib/http/openapi");
  await writeFile(file, await clientTypes(openApiDocument(await served())));
  console.log(`Wrote ${file}.`);
  process.exit(0);
}
