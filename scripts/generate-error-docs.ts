// `npm run docs:error-codes`: writes docs/error-codes.md from lib/run-error-codes.ts.
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runErrorCodes, runErrors } from "#lib/run-error-codes";

/** The page that the codes make; `scripts/generate-error-docs.test.ts` holds it so. */
export const errorCodesFile = fileURLToPath(new URL("../docs/error-codes.md", import.meta.url));

/** docs/error-codes.md as lib/run-error-codes.ts has it now: a list to jump from, and a section a code. */
export function errorCodesPage(): string {
  const list = runErrorCodes.map((code) => `- [\`${code}\`](#${code}): ${runErrors[code].title}`);
  const sections = runErrorCodes.map((code) => {
    const { title, meaning, handling, remedy } = runErrors[code];
    return `## <a id="${code}"></a>\`${code}\`: ${title}

${meaning}

**What TenantPilot does:** ${handling}

**What you can do:** ${remedy}
`;
  });
  return `<!-- Made by \`npm run docs:error-codes\` from lib/run-error-codes.ts. Change that, not this page. -->

# Error codes of runs

Why a run did not end in plain success: \`error_code\` of a run, and of each policy type in its \`summary\`. TenantPilot
itself shows the same at \`/help/error-codes\`.

${list.join("\n")}

${sections.join("\n")}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(errorCodesFile, errorCodesPage());
  console.log(`Wrote ${errorCodesFile}`);
}
