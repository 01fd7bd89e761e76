"use client";

import { Button, CopyButton, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useNoteUnsaved } from "../../navigation/use-note-unsaved.ts";
import { modalWhile } from "./modal-while.ts";
import classes from "./secret-dialog.module.css";
import { useReturnFocus } from "./use-return-focus.ts";

/** Something that was made with a secret: a token, a link. */
export interface MadeSecret {
  /** Says that it is to be kept now. */
  title: string;
  /** What it is, and what to do with it. */
  words: ReactNode;
  secret: string;
  copyLabel: string;
  /** For what is to be kept as a file as well. */
  download?: { label: string; fileName: string };
  doneLabel: string;
  testId: string;
}

/**
 * Asks for what a secret is made of, and then shows the secret, once: until somebody says that they have it, neither Escape
 * nor a click beside the dialog closes it. Mount it to open it.
 */
export function SecretDialog({
  title,
  made,
  pending = false,
  opener = null,
  onClose,
  children,
}: {
  title: string;
  /** Null before it is made. */
  made: MadeSecret | null;
  /** While it is being made: closed then, it would be made and nobody would ever see it. */
  pending?: boolean;
  /** What opened it, where that was disabled while the secret was made: it gets the focus back. */
  opener?: HTMLElement | null;
  onClose: () => void;
  /** The form that makes it. */
  children: ReactNode;
}) {
  // Neither what was typed nor a secret that is shown once goes away with the session.
  useNoteUnsaved(true);
  useReturnFocus(opener);
  return (
    <Modal
      {...modalWhile(pending, onClose)}
      title={made?.title ?? title}
      centered
      size="lg"
      closeOnClickOutside={!made}
      closeOnEscape={!made}
    >
      {made ? (
        <Stack gap="md">
          <p className={classes.words}>{made.words}</p>
          <code className={classes.secret} data-testid={made.testId}>
            {made.secret}
          </code>
          <Group justify="flex-end" gap="xs">
            {made.download ? (
              <Button variant="default" onClick={() => save(made.secret, made.download?.fileName)}>
                {made.download.label}
              </Button>
            ) : null}
            <CopyButton value={made.secret} timeout={3000}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  <span aria-live="polite">{copied ? "Copied" : made.copyLabel}</span>
                </Button>
              )}
            </CopyButton>
            <Button onClick={onClose}>{made.doneLabel}</Button>
          </Group>
        </Stack>
      ) : (
        children
      )}
    </Modal>
  );
}

/** Hands a text to the browser as a file; it comes from this page, and from nowhere else. */
function save(text: string, fileName = "secret.txt"): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}
