/** A streamed answer that browsers save under its name. */
export function download(
  contentType: string,
  { filename, stream }: { filename: string; stream: ReadableStream<Uint8Array> },
): Response {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  return new Response(stream, {
    headers: {
      "Content-Type": contentType,
      "Content-Disposition": `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(filename)}`,
    },
  });
}
