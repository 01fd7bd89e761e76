"use client";

import { UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { CopyButton } from "#components/ui/copy-button";
import { usePrinting } from "#components/ui/use-printing.ts";
import type { WordValue } from "#lib/words/schema";
import { codeTokens } from "./code-tokens.ts";
import classes from "./word-value.module.css";

/** Lines of code that are shown at first. */
const linesAtFirst = 30;

/** What a setting is set to. */
export function WordValueText({ value, raw = false }: { value: WordValue; raw?: boolean }) {
  switch (value.kind) {
    case "text":
      return (
        <span className={classes.text} data-raw={raw || undefined}>
          {value.text}
        </span>
      );
    case "list":
      return value.items.length === 1 ? (
        <span className={classes.text} data-raw={raw || undefined}>
          {value.items[0]}
        </span>
      ) : (
        <ul className={classes.list}>
          {value.items.map((item, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the items of one list never move, and may be alike
            <li key={at} className={classes.text} data-raw={raw || undefined}>
              {item}
            </li>
          ))}
        </ul>
      );
    case "code":
      return <Code {...value} />;
    case "secret":
      return (
        <span className={classes.secret} title="There is a value, and nobody may read it.">
          Secret, not readable
        </span>
      );
    case "none":
      return null;
  }
}

function Code({ text, language, encoding }: Omit<Extract<WordValue, { kind: "code" }>, "kind">) {
  const [open, setOpen] = useState(false);
  const printing = usePrinting();
  const lines = text.split("\n");
  const isLong = lines.length > linesAtFirst;
  const shown = isLong && !open && !printing ? lines.slice(0, linesAtFirst).join("\n") : text;
  let at = 0;
  return (
    <div className={classes.code}>
      <div className={classes.bar}>
        <span>
          {languageNames[language] ?? "Text"} · {encoding}
        </span>
        <CopyButton text={text} label="Copy the code" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard */}
      <pre className={classes.lines} tabIndex={0}>
        {codeTokens(shown, language).map((token) => {
          const key = at;
          at += token.text.length;
          return token.kind === "plain" ? (
            token.text
          ) : (
            <span key={key} data-token={token.kind}>
              {token.text}
            </span>
          );
        })}
      </pre>
      {isLong ? (
        <UnstyledButton
          className={`${classes.more} tp-no-print`}
          aria-expanded={open}
          onClick={() => setOpen((before) => !before)}
        >
          {open ? "Show less" : `Show all ${lines.length} lines`}
        </UnstyledButton>
      ) : null}
    </div>
  );
}

const languageNames: Readonly<Record<string, string>> = {
  powershell: "PowerShell",
  shell: "Shell",
  python: "Python",
  xml: "XML",
  json: "JSON",
  css: "CSS",
};
