"use client";

import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy, IconDownload } from "@tabler/icons-react";
import { jsonTokens } from "./json-tokens.ts";
import classes from "./json-view.module.css";

/** Longer texts are shown without colours: a page with 100,000 spans is no help. */
const colouredUpTo = 120_000;

/** A policy's stored JSON, indented, to read, copy and download. */
export function JsonView({
  json,
  downloadHref,
  fileName,
}: {
  json: string;
  downloadHref: string;
  fileName: string;
}) {
  const clipboard = useClipboard({ timeout: 2000 });
  const text = JSON.stringify(JSON.parse(json), null, 2);
  let offset = 0;
  return (
    <div className={classes.root}>
      <div className={classes.bar}>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={
            clipboard.copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />
          }
          onClick={() => clipboard.copy(text)}
        >
          <span aria-live="polite">{clipboard.copied ? "Copied" : "Copy"}</span>
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          component="a"
          href={downloadHref}
          download={fileName}
          leftSection={<IconDownload size={14} aria-hidden />}
        >
          Download
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label="Stored JSON">
        <pre className={classes.code}>
          {text.length > colouredUpTo
            ? text
            : jsonTokens(text).map((token) => {
                const at = offset;
                offset += token.text.length;
                return token.kind === "plain" ? (
                  token.text
                ) : (
                  <span key={at} data-kind={token.kind}>
                    {token.text}
                  </span>
                );
              })}
        </pre>
      </section>
    </div>
  );
}
