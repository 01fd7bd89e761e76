import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Writes a program of ours with all that it imports into one file, and what it loads only when asked into further ones. It
 * needs no `--import` of light-imports.ts, and runs from wherever the repository's packages are found.
 * @param entry the program, below the repository: `worker/index.ts`
 * @param folder where to; @param name the file's name there
 * @returns the paths of all files that were read, and of this one: whoever changes how it is written wants it written anew
 * @throws Error of the bundler, when a source cannot be read
 */
export async function bundle(entry: string, folder: string, name: string): Promise<string[]> {
  const build = await rolldown({
    input: join(root, entry),
    cwd: root,
    platform: "node",
    // Machine code cannot be bundled; of the others hardly a process loads any.
    external: [/^@node-rs\//, /^@aws-sdk\//, /^@opentelemetry\//, /^pg-native$/],
    logLevel: "silent",
  });
  try {
    // Named so that they are modules in every folder: Next.js declares its own to hold none.
    await build.write({
      dir: folder,
      format: "esm",
      entryFileNames: name,
      chunkFileNames: "[name]-[hash].mjs",
      // V8 keeps the whole text, two bytes a sign as soon as one of them wants more than one.
      comments: false,
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: false, asciiOnly: true } },
    });
    return [fileURLToPath(import.meta.url), ...(await build.watchFiles)];
  } finally {
    await build.close();
  }
}
