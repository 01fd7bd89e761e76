"use client";

import { ActionIcon, Button, CloseButton, TextInput } from "@mantine/core";
import {
  IconArrowsVertical,
  IconChevronDown,
  IconChevronUp,
  IconCopy,
  IconDownload,
  IconFold,
  IconSearch,
} from "@tabler/icons-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Names } from "#lib/names/names";
import { toast } from "../feedback/toast.ts";
import { bytesText } from "../ui/bytes.ts";
import { FoldState } from "./fold-state.ts";
import { DocumentNames, JsonLines } from "./json-lines.tsx";
import { findInTree, initiallyOpen, type JsonNode, jsonTree } from "./json-tree.ts";
import classes from "./json-view.module.css";

/** Lines that are unfolded at first: some screens full, and a small page. */
const linesAtFirst = 300;

/** A policy's stored JSON to read: folded, searched, copied, downloaded. */
export function JsonView({
  json,
  names,
  downloadHref,
  fileName,
}: {
  json: string;
  /** What ids in it stand for. */
  names: Names;
  downloadHref: string;
  fileName: string;
}) {
  const [tree, state] = useMemo(() => {
    const made = jsonTree(json);
    return [made, new FoldState(initiallyOpen(made, linesAtFirst))] as const;
  }, [json]);
  const lines = useRef<HTMLDivElement>(null);
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const matches = useMemo(() => findInTree(tree, words.trim(), names), [tree, words, names]);
  const current = matches[at];

  const show = (index: number, found: readonly JsonNode[]) => {
    const count = found.length;
    const next = count === 0 ? 0 : (index + count) % count;
    setAt(next);
    const node = found[next];
    if (node) state.reveal(node);
    // What was unfolded is on the page with the next frame.
    requestAnimationFrame(() => mark(lines.current, node));
  };
  const search = (text: string) => {
    setWords(text);
    show(0, findInTree(tree, text.trim(), names));
  };
  const copy = async () => {
    const text = JSON.stringify(JSON.parse(json), null, 2);
    try {
      await navigator.clipboard.writeText(text);
      toast.success(`Copied ${bytesText(new Blob([text]).size)} of JSON.`);
    } catch {
      toast.info("The browser does not let this page copy. Use Download instead.");
    }
  };

  return (
    <div className={classes.root}>
      <div className={classes.bar}>
        <TextInput
          type="search"
          size="xs"
          className={classes.search ?? ""}
          value={words}
          onChange={(event) => search(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            show(event.shiftKey ? at - 1 : at + 1, matches);
          }}
          placeholder="Find in this policy"
          aria-label="Find in this policy"
          leftSection={<IconSearch size={14} aria-hidden />}
          rightSection={
            words ? <CloseButton size="xs" aria-label="Clear" onClick={() => search("")} /> : null
          }
        />
        {words.trim() ? (
          <span className={classes.found}>
            <span role="status">
              {current ? `${at + 1} of ${matches.length.toLocaleString("en")}` : "Not found"}
            </span>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={26}
              aria-label="Previous match"
              disabled={!current}
              onClick={() => show(at - 1, matches)}
            >
              <IconChevronUp size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={26}
              aria-label="Next match"
              disabled={!current}
              onClick={() => show(at + 1, matches)}
            >
              <IconChevronDown size={16} aria-hidden />
            </ActionIcon>
          </span>
        ) : null}
        <span className={classes.tools}>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconFold size={14} aria-hidden />}
            onClick={() => state.foldAll(tree)}
          >
            Fold all
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconArrowsVertical size={14} aria-hidden />}
            onClick={() => void state.unfoldAll(tree)}
          >
            Unfold all
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconCopy size={14} aria-hidden />}
            onClick={copy}
          >
            Copy
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
        </span>
      </div>
      <section className={classes.code} aria-label="Stored JSON" onKeyDown={moveAmongToggles} ref={lines}>
        <DocumentNames value={names}>
          <JsonLines node={tree.root} state={state} />
        </DocumentNames>
      </section>
    </div>
  );
}

/** Marks a node's line, brings it into view, and takes the mark from the one before. */
function mark(root: HTMLElement | null, node: JsonNode | undefined) {
  for (const marked of root?.querySelectorAll("[data-found]") ?? []) marked.removeAttribute("data-found");
  const line = node && root?.querySelector(`[data-node="${node.id}"]`);
  line?.setAttribute("data-found", "");
  if (line) bringIntoView(line);
}

/** So many frames in a row a line must stand where it was brought; and so long that is tried. */
const standingFrames = 8;
const triedFrames = 90;

/**
 * Scrolls to a line. Parts around it that were not laid out before turn out higher than was thought once they come near
 * the window, and push the line away: so it is brought back until it stands, or another is looked for.
 */
function bringIntoView(line: Element) {
  let standing = 0;
  let tried = 0;
  const look = () => {
    if (!line.isConnected || !line.hasAttribute("data-found")) return;
    const { top, bottom } = line.getBoundingClientRect();
    const inView = top > 0 && bottom < window.innerHeight;
    standing = inView ? standing + 1 : 0;
    tried += 1;
    if (!inView) line.scrollIntoView({ block: "center" });
    if (standing < standingFrames && tried < triedFrames) requestAnimationFrame(look);
  };
  line.scrollIntoView({ block: "center" });
  requestAnimationFrame(look);
}

/**
 * One stop for the Tab key, and arrows from there, as in a tree: up and down from one foldable part to the next, right
 * unfolds, left folds or goes to the part around.
 */
function moveAmongToggles(event: KeyboardEvent<HTMLElement>) {
  const from = event.target;
  if (!(from instanceof HTMLElement) || !from.dataset.toggle) return;
  const toggles = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-toggle]")];
  const index = toggles.indexOf(from);
  const expanded = from.getAttribute("aria-expanded") === "true";
  const to = {
    ArrowDown: toggles[index + 1],
    ArrowUp: toggles[index - 1],
    Home: toggles[0],
    End: toggles.at(-1),
  }[event.key];
  if (to) focusToggle(to, toggles);
  else if (event.key === "ArrowRight" && !expanded) from.click();
  else if (event.key === "ArrowLeft" && expanded) from.click();
  else return;
  event.preventDefault();
}

function focusToggle(to: HTMLElement, toggles: readonly HTMLElement[]) {
  for (const toggle of toggles) toggle.tabIndex = toggle === to ? 0 : -1;
  to.focus();
}
