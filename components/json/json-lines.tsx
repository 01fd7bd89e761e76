"use client";

import {
  type CSSProperties,
  createContext,
  memo,
  useCallback,
  useContext,
  useSyncExternalStore,
} from "react";
import type { Names } from "#lib/names/names";
import { NameTag } from "../names/named-id.tsx";
import type { FoldState } from "./fold-state.ts";
import { isFoldable, type JsonNode, nameOfNode } from "./json-tree.ts";
import classes from "./json-view.module.css";

/** Children that are laid out together; what is far outside of the window is not laid out at all. */
const chunkSize = 60;
const lineHeight = 20;
/** Of a long text that is folded, so much is shown. */
const shownOfLong = 160;

/** What ids in the document stand for. */
export const DocumentNames = createContext<Names>({});

/** A value of a document and, unfolded, everything in it; a line for each. */
export const JsonLines = memo(function JsonLines({ node, state }: { node: JsonNode; state: FoldState }) {
  return node.children.length > 0 ? (
    <Container node={node} state={state} />
  ) : (
    <div className={classes.line} data-line={node.line} data-node={node.id}>
      <Name node={node} />
      {isFoldable(node) ? <LongLeaf node={node} state={state} /> : <Leaf node={node} />}
      {node.isLast ? "" : ","}
      <NodeName node={node} />
    </div>
  );
});

function Container({ node, state }: { node: JsonNode; state: FoldState }) {
  const open = useIsOpen(node, state);
  const [opening, closing] = node.kind === "array" ? ["[", "]"] : ["{", "}"];
  const comma = node.isLast ? "" : ",";
  return (
    <>
      <div className={classes.line} data-line={node.line} data-node={node.id}>
        <Toggle node={node} open={open} state={state} className={classes.toggle} />
        <Name node={node} />
        {open ? (
          opening
        ) : (
          <>
            {opening}…{closing}
            {comma} <span className={classes.size}>{sizeOf(node)}</span>
          </>
        )}
      </div>
      {open ? (
        <>
          <Children node={node} state={state} />
          <div className={classes.line} data-line={node.line + node.lines - 1}>
            {closing}
            {comma}
          </div>
        </>
      ) : null}
    </>
  );
}

function Children({ node, state }: { node: JsonNode; state: FoldState }) {
  const { children } = node;
  const style = { "--depth": node.depth + 1 } as CSSProperties;
  if (children.length <= chunkSize) {
    return (
      <div style={style}>
        {children.map((child) => (
          <JsonLines key={child.id} node={child} state={state} />
        ))}
      </div>
    );
  }
  return (
    <div style={style}>
      {Array.from({ length: Math.ceil(children.length / chunkSize) }, (_, chunk) => {
        const own = children.slice(chunk * chunkSize, (chunk + 1) * chunkSize);
        return (
          <div
            key={own[0]?.id}
            className={classes.chunk}
            style={{ containIntrinsicSize: `auto ${own.length * lineHeight}px` }}
          >
            {own.map((child) => (
              <JsonLines key={child.id} node={child} state={state} />
            ))}
          </div>
        );
      })}
    </div>
  );
}

function Name({ node }: { node: JsonNode }) {
  if (node.key === null) return null;
  return (
    <>
      <span data-kind="key">{JSON.stringify(node.key)}</span>:{" "}
    </>
  );
}

function Leaf({ node }: { node: JsonNode }) {
  return <span data-kind={node.kind}>{node.text || (node.kind === "array" ? "[]" : "{}")}</span>;
}

function NodeName({ node }: { node: JsonNode }) {
  const name = nameOfNode(node, useContext(DocumentNames));
  return name && <NameTag of={name} />;
}

function LongLeaf({ node, state }: { node: JsonNode; state: FoldState }) {
  const open = useIsOpen(node, state);
  return (
    <>
      <span data-kind={node.kind}>{open ? node.text : `${node.text.slice(0, shownOfLong)}…`}</span>{" "}
      <Toggle node={node} open={open} state={state} className={classes.more}>
        {open ? "less" : `${(node.text.length - shownOfLong).toLocaleString("en")} more characters`}
      </Toggle>
    </>
  );
}

function Toggle({
  node,
  open,
  state,
  className,
  children,
}: {
  node: JsonNode;
  open: boolean;
  state: FoldState;
  className: string | undefined;
  children?: string;
}) {
  const name = node.key ?? (node.parent === null ? "Document" : `Entry ${node.index + 1}`);
  return (
    <button
      type="button"
      className={className}
      aria-expanded={open}
      aria-label={children === undefined ? `${name}, ${sizeOf(node)}` : undefined}
      data-toggle={node.id}
      tabIndex={node.parent === null ? 0 : -1}
      onClick={() => state.set(node.id, !open)}
    >
      {children}
    </button>
  );
}

function useIsOpen(node: JsonNode, state: FoldState): boolean {
  const listen = useCallback((changed: () => void) => state.listen(node.id, changed), [node, state]);
  const read = () => state.isOpen(node.id);
  return useSyncExternalStore(listen, read, read);
}

/** `12 entries`, `1 property`. */
function sizeOf(node: JsonNode): string {
  const count = node.children.length;
  if (node.kind === "array") return count === 1 ? "1 entry" : `${count} entries`;
  return count === 1 ? "1 property" : `${count} properties`;
}
