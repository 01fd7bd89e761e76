"use client";

import { IconX } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { IconButton } from "../ui/icon-button.tsx";
import classes from "./error-dialog.module.css";
import { ErrorState } from "./error-state.tsx";

/**
 * Stands for what could not be shown over a page; closing it goes back to that page. The browser's own dialog: every page
 * carries it from the start, so that it is there when nothing more can be loaded.
 */
export function ErrorDialog({ error, retry }: { error: unknown; retry: () => void }) {
  const router = useRouter();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className={classes.root} aria-label="Not loaded" onClose={() => router.back()}>
      <IconButton className={classes.close} aria-label="Close" onClick={() => dialog.current?.close()}>
        <IconX size={17} aria-hidden />
      </IconButton>
      <ErrorState error={error} retry={retry} />
    </dialog>
  );
}
