/** Forms of this page in which something stands that is not saved yet. */
const forms = new Set<object>();

/** The entry of the browser's history to which somebody goes who has said that what is not saved may be lost. */
let agreed: string | null = null;

/** Notes that a form holds something unsaved. @returns takes the note back */
export function noteUnsaved(): () => void {
  const form = {};
  forms.add(form);
  return () => {
    forms.delete(form);
    if (forms.size === 0) agreed = null;
  };
}

/** Whether leaving the page would lose what somebody typed. */
export function hasUnsaved(): boolean {
  return forms.size > 0;
}

/**
 * Notes that somebody leaves for an entry of the history, whatever is not saved: they said so once, and no other form of the
 * page asks again.
 * @param key of the entry, as the Navigation API has it
 */
export function agreeToLeave(key: string): void {
  agreed = key;
}

/** Whether somebody has said that they leave for this entry of the history. */
export function isAgreed(key: string): boolean {
  return agreed === key;
}
