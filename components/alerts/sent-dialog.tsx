"use client";

import { Modal } from "@mantine/core";
import { modalWhile } from "../feedback/dialogs/modal-while.ts";
import { useReturnFocus } from "../feedback/dialogs/use-return-focus.ts";

/** What a target is sent of an event. Mount it to open it. */
export function SentDialog({
  title,
  request,
  opener,
  onClose,
}: {
  /** The event's. */
  title: string;
  /** Null: a heartbeat, whose address is asked for with nothing. */
  request: string | null;
  /** Gets the focus when it closes. */
  opener: HTMLElement;
  onClose: () => void;
}) {
  useReturnFocus(opener);
  return (
    <Modal {...modalWhile(false, onClose)} title={`What is sent: ${title}`} centered size="lg">
      {request === null ? (
        <p style={{ margin: 0 }}>Nothing but the request itself: that it comes is the message.</p>
      ) : (
        <pre style={{ margin: 0, whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{inLines(request)}</pre>
      )}
    </Modal>
  );
}

/** JSON as people read it, and a mail as it is. */
function inLines(request: string): string {
  try {
    return JSON.stringify(JSON.parse(request), null, 2);
  } catch {
    return request;
  }
}
