/** Whether the browser runs on a device of Apple: its keys are called otherwise, and a select opens where others walk on. */
export function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.platform);
}
