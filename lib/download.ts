import { z } from "zod";

/** A file on its way out, made as it is read; it ends when the reader cancels. */
export const downloadView = z.strictObject({
  /** A name for the download: safe on every system. */
  filename: z.string(),
  stream: z.instanceof(ReadableStream<Uint8Array>),
});

/** A streamed answer that browsers save under its name. */
export function download(contentType: string, { filename, stream }: z.infer<typeof downloadView>): Response {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  return new Response(stream, {
    headers: {
      "Content-Type": contentType,
      "Content-Disposition": `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(filename)}`,
    },
  });
}

/**
 * What some work writes, as it is read: it waits for its reader. The reader hears of trouble through the stream; one that has
 * left needs to hear of nothing.
 */
export function streamed(
  work: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  work((bytes) => writer.write(bytes)).then(
    () => writer.close().catch(() => {}),
    (error: unknown) => writer.abort(error).catch(() => {}),
  );
  return readable;
}
