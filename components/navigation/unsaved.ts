/** Forms of this page in which something stands that is not saved yet. */
const forms = new Set<object>();

/** Notes that a form holds something unsaved. @returns takes the note back */
export function noteUnsaved(): () => void {
  const form = {};
  forms.add(form);
  return () => void forms.delete(form);
}

/** Whether leaving the page would lose what somebody typed. */
export function hasUnsaved(): boolean {
  return forms.size > 0;
}
