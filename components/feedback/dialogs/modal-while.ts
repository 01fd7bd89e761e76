/**
 * The props of a Modal that is open, and does something when its form is sent: while that is under way nothing closes it, since
 * closing would cancel nothing and hide what comes of it. Its Cancel button is disabled meanwhile.
 */
export function modalWhile(pending: boolean, onClose: () => void) {
  return {
    opened: true,
    onClose: () => {
      if (!pending) onClose();
    },
    // The name stands in the theme as well, whose props these replace.
    closeButtonProps: { "aria-label": "Close", disabled: pending },
  };
}
